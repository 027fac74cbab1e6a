// SPDX-License-Identifier: ISC
// A SCIM server: the protocol, with filters, PATCH and paging, is SCIM-SDK's, the directory a list in memory. It prints its
// base URL and its token as a line of JSON.

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import de.captaingoldfish.scim.sdk.common.constants.enums.HttpMethod;
import de.captaingoldfish.scim.sdk.common.constants.enums.SortOrder;
import de.captaingoldfish.scim.sdk.common.exceptions.ResourceNotFoundException;
import de.captaingoldfish.scim.sdk.common.resources.Group;
import de.captaingoldfish.scim.sdk.common.resources.ResourceNode;
import de.captaingoldfish.scim.sdk.common.resources.ServiceProvider;
import de.captaingoldfish.scim.sdk.common.resources.User;
import de.captaingoldfish.scim.sdk.common.resources.complex.FilterConfig;
import de.captaingoldfish.scim.sdk.common.resources.complex.Meta;
import de.captaingoldfish.scim.sdk.common.resources.complex.PatchConfig;
import de.captaingoldfish.scim.sdk.common.response.ScimResponse;
import de.captaingoldfish.scim.sdk.common.schemas.SchemaAttribute;
import de.captaingoldfish.scim.sdk.server.endpoints.Context;
import de.captaingoldfish.scim.sdk.server.endpoints.ResourceEndpoint;
import de.captaingoldfish.scim.sdk.server.endpoints.ResourceHandler;
import de.captaingoldfish.scim.sdk.server.endpoints.base.GroupEndpointDefinition;
import de.captaingoldfish.scim.sdk.server.endpoints.base.UserEndpointDefinition;
import de.captaingoldfish.scim.sdk.server.filter.FilterNode;
import de.captaingoldfish.scim.sdk.server.response.PartialListResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;

public class Serve {
	static final String TOKEN = "scim-sdk-token";

	static class Store<T extends ResourceNode> extends ResourceHandler<T> {
		final Map<String, T> resources = new LinkedHashMap<>();
		final String kind;
		int made;

		Store(String kind) {
			this.kind = kind;
		}

		T found(String id) {
			T resource = resources.get(id);
			if (resource == null) throw new ResourceNotFoundException("there is no " + id);
			return resource;
		}

		@Override
		public T createResource(T resource, Context context) {
			resource.setId(kind + "-" + ++made);
			Meta meta = resource.getMeta().get(); // SCIM-SDK's own; only its values may be set
			meta.setCreated(Instant.now());
			meta.setLastModified(Instant.now());
			resources.put(resource.getId().get(), resource);
			return resource;
		}

		@Override
		public T getResource(String id, List<SchemaAttribute> wanted, List<SchemaAttribute> unwanted, Context context) {
			return found(id);
		}

		@Override
		public PartialListResponse<T> listResources(long start, int count, FilterNode filter, SchemaAttribute sortBy,
				SortOrder order, List<SchemaAttribute> wanted, List<SchemaAttribute> unwanted, Context context) {
			List<T> all = new ArrayList<>(resources.values()); // SCIM-SDK filters and cuts the page
			return PartialListResponse.<T>builder().resources(all).totalResults(all.size()).build();
		}

		@Override
		public T updateResource(T resource, Context context) {
			String id = resource.getId().get();
			Meta meta = resource.getMeta().get(), before = found(id).getMeta().get();
			meta.setCreated(before.getCreated().get());
			meta.setLastModified(Instant.now());
			resources.put(id, resource);
			return resource;
		}

		@Override
		public void deleteResource(String id, Context context) {
			found(id);
			resources.remove(id);
		}
	}

	static class Users extends Store<User> {
		Users() {
			super("user");
		}
	}

	static class Groups extends Store<Group> {
		Groups() {
			super("group");
		}
	}

	static synchronized void answer(ResourceEndpoint endpoint, String base, HttpExchange exchange) throws IOException {
		String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
		Map<String, String> headers = new HashMap<>();
		exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, String.join(",", values)));
		if (!("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
			exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
			exchange.sendResponseHeaders(401, -1);
			exchange.close();
			return;
		}
		String url = base + exchange.getRequestURI().toString().substring("/scim/v2".length());
		ScimResponse response = endpoint.handleRequest(url, HttpMethod.valueOf(exchange.getRequestMethod()),
				body.isEmpty() ? null : body, headers, new Context(null));
		byte[] bytes = response.toString().getBytes(StandardCharsets.UTF_8);
		boolean empty = response.getHttpStatus() == 204 || response.getHttpStatus() == 304;
		response.getHttpHeaders().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
		exchange.sendResponseHeaders(response.getHttpStatus(), empty ? -1 : bytes.length);
		if (!empty) exchange.getResponseBody().write(bytes);
		exchange.close();
	}

	public static void main(String[] arguments) throws IOException {
		ResourceEndpoint endpoint = new ResourceEndpoint(ServiceProvider.builder()
				.filterConfig(FilterConfig.builder().supported(true).maxResults(50).build())
				.patchConfig(PatchConfig.builder().supported(true).build()).build());
		endpoint.registerEndpoint(new UserEndpointDefinition(new Users())).getFeatures().setAutoFiltering(true);
		endpoint.registerEndpoint(new GroupEndpointDefinition(new Groups())).getFeatures().setAutoFiltering(true);
		HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
		String base = "http://127.0.0.1:" + server.getAddress().getPort() + "/scim/v2";
		server.createContext("/scim/v2", exchange -> answer(endpoint, base, exchange));
		server.setExecutor(Executors.newFixedThreadPool(4));
		server.start();
		System.out.println("{\"base\":\"" + base + "\",\"token\":\"" + TOKEN + "\"}");
	}
}
