// SPDX-License-Identifier: ISC
// usage: scimmy.mjs [express|express5]: SCIMMY and its routers over a Map for each resource type, on either express.
// Prints one line of JSON, then serves until SIGTERM.
import { randomUUID } from "node:crypto";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const { default: express } = await import(process.argv[2] ?? "express");
const token = "interop-scimmy";

for (const type of [SCIMMY.Resources.User, SCIMMY.Resources.Group]) {
	const store = new Map();
	const find = (id) => {
		if (!store.has(id)) throw new SCIMMY.Types.Error(404, null, `no ${type.name} ${id}`);
		return store.get(id);
	};
	SCIMMY.Resources.declare(type, {
		ingress: ({ id = randomUUID() }, data) => {
			const now = new Date();
			const meta = { created: store.get(id)?.meta.created ?? now, lastModified: now };
			return store.set(id, { ...data, id, meta }).get(id);
		},
		egress: ({ id, filter }) => id ? find(id) : filter?.match([...store.values()]) ?? [...store.values()],
		degress: ({ id }) => void store.delete(find(id).id),
	});
}
const routers = new SCIMMYRouters({
	type: "bearer",
	handler: (request) => {
		if (request.header("Authorization") !== `Bearer ${token}`) throw new Error("unknown token");
		return "interop";
	},
});
const server = express().use("/scim/v2", routers).listen(0, "127.0.0.1", () =>
	console.log(JSON.stringify({ base: `http://127.0.0.1:${server.address().port}/scim/v2`, token })));
