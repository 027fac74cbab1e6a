// SPDX-License-Identifier: ISC
// better-auth with its SCIM plugin, everything in memory. Prints one line of JSON, then serves until SIGTERM.
import { webcrypto } from "node:crypto";
import { createServer } from "node:http";
import { scim } from "@better-auth/scim";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { getAuthTables } from "better-auth/db";
import { toNodeHandler } from "better-auth/node";

globalThis.crypto ??= webcrypto; // node 18 has no global one
const token = "interop-better-auth";
const plugins = [scim({ connections: [{ id: "interop", credentials: [{ type: "bearer", id: "one", token }] }] })];
const auth = betterAuth({
	plugins,
	baseURL: "http://127.0.0.1",
	secret: "only-for-tests-on-the-loopback-interface",
	// the adapter makes no tables of its own
	database: memoryAdapter(Object.fromEntries(Object.values(getAuthTables({ plugins })).map((t) => [t.modelName, []]))),
	rateLimit: { enabled: false },
	telemetry: { enabled: false },
});
const server = createServer(toNodeHandler(auth)).listen(0, "127.0.0.1", () =>
	console.log(JSON.stringify({ base: `http://127.0.0.1:${server.address().port}/api/auth/scim/v2`, token })));
