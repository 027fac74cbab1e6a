// SPDX-License-Identifier: ISC

// A SCIM server: the protocol is elimity-com/scim's, the directory a list in memory, in the order
// of creation. It prints its base URL and its token as a line of JSON.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/elimity-com/scim"
	"github.com/elimity-com/scim/errors"
	"github.com/elimity-com/scim/optional"
	"github.com/elimity-com/scim/schema"
)

const token = "elimity-token"

type entry struct {
	id         string
	attributes scim.ResourceAttributes
	at         time.Time
}

type store struct {
	mutex   sync.Mutex
	kind    string
	made    int
	entries []entry
}

func (s *store) find(id string) (int, error) {
	for i := range s.entries {
		if s.entries[i].id == id {
			return i, nil
		}
	}
	return 0, errors.ScimErrorResourceNotFound(id)
}

func (e entry) resource() scim.Resource {
	external := optional.String{}
	if text, ok := e.attributes["externalId"].(string); ok {
		external = optional.NewString(text)
	}
	return scim.Resource{ID: e.id, ExternalID: external, Attributes: e.attributes,
		Meta: scim.Meta{Created: &e.at, LastModified: &e.at}}
}

func (s *store) Create(_ *http.Request, attributes scim.ResourceAttributes) (scim.Resource, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, e := range s.entries {
		if name, ok := attributes["userName"].(string); ok && strings.EqualFold(name, e.attributes["userName"].(string)) {
			return scim.Resource{}, errors.ScimErrorUniqueness
		}
	}
	s.made++
	e := entry{fmt.Sprintf("%s-%d", s.kind, s.made), attributes, time.Now().UTC()}
	s.entries = append(s.entries, e)
	return e.resource(), nil
}

func (s *store) Get(_ *http.Request, id string) (scim.Resource, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	i, err := s.find(id)
	if err != nil {
		return scim.Resource{}, err
	}
	return s.entries[i].resource(), nil
}

func (s *store) GetAll(_ *http.Request, params scim.ListRequestParams) (scim.Page, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	resources := []scim.Resource{}
	total := 0
	for _, e := range s.entries {
		if params.FilterValidator != nil {
			all := scim.ResourceAttributes{"id": e.id}
			for name, value := range e.attributes {
				all[name] = value
			}
			if params.FilterValidator.PassesFilter(all) != nil {
				continue
			}
		}
		total++
		if total >= params.StartIndex && len(resources) < params.Count {
			resources = append(resources, e.resource())
		}
	}
	return scim.Page{TotalResults: total, Resources: resources}, nil
}

func (s *store) Replace(_ *http.Request, id string, attributes scim.ResourceAttributes) (scim.Resource, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	i, err := s.find(id)
	if err != nil {
		return scim.Resource{}, err
	}
	s.entries[i].attributes = attributes
	return s.entries[i].resource(), nil
}

func (s *store) Delete(_ *http.Request, id string) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	i, err := s.find(id)
	if err == nil {
		s.entries = append(s.entries[:i], s.entries[i+1:]...)
	}
	return err
}

// members puts the members of an operation to those that are there, or takes them away; `only`
// names the one of a path as members[value eq "ID"].
func members(before, value interface{}, remove bool, only string) []interface{} {
	named := map[string]bool{only: true}
	given, _ := value.([]interface{})
	after := []interface{}{}
	for _, item := range given {
		named[item.(map[string]interface{})["value"].(string)] = true
	}
	list, _ := before.([]interface{})
	for _, item := range list {
		if !named[item.(map[string]interface{})["value"].(string)] && !(remove && value == nil && only == "") {
			after = append(after, item)
		}
	}
	if !remove {
		after = append(after, given...)
	}
	return after
}

func (s *store) Patch(_ *http.Request, id string, operations []scim.PatchOperation) (scim.Resource, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	i, err := s.find(id)
	if err != nil {
		return scim.Resource{}, err
	}
	attributes := scim.ResourceAttributes{}
	for name, value := range s.entries[i].attributes {
		attributes[name] = value
	}
	for _, operation := range operations {
		values, whole := operation.Value.(map[string]interface{})
		if operation.Path != nil {
			name, sub, only := operation.Path.AttributePath.AttributeName, operation.Path.SubAttributeName(), ""
			if expression := operation.Path.ValueExpression; expression != nil {
				text := fmt.Sprint(expression)
				only, _ = strconv.Unquote(text[strings.LastIndex(text, " ")+1:])
			}
			switch {
			case name == "members" && operation.Op != scim.PatchOperationReplace:
				values = map[string]interface{}{name: members(attributes[name], operation.Value, operation.Op == scim.PatchOperationRemove, only)}
			case sub != "":
				parent := map[string]interface{}{}
				old, _ := attributes[name].(map[string]interface{})
				for key, value := range old {
					parent[key] = value
				}
				parent[sub] = operation.Value
				values = map[string]interface{}{name: parent}
			default:
				values = map[string]interface{}{name: operation.Value}
			}
			whole = true
		}
		if !whole {
			return scim.Resource{}, errors.ScimErrorInvalidValue
		}
		for name, value := range values {
			attributes[name] = value
		}
	}
	s.entries[i].attributes = attributes
	return s.entries[i].resource(), nil
}

func main() {
	user, group := schema.CoreUserSchema(), schema.CoreGroupSchema()
	server, err := scim.NewServer(&scim.ServerArgs{
		ServiceProviderConfig: &scim.ServiceProviderConfig{SupportPatch: true, SupportFiltering: true, MaxResults: 200},
		ResourceTypes: []scim.ResourceType{
			{Name: "User", Endpoint: "/Users", Schema: user, Handler: &store{kind: "user"}},
			{Name: "Group", Endpoint: "/Groups", Schema: group, Handler: &store{kind: "group"}},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("{\"base\":\"http://%s\",\"token\":\"%s\"}\n", listener.Addr(), token)
	log.Fatal(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token {
			w.Header().Set("WWW-Authenticate", "Bearer")
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		server.ServeHTTP(w, r)
	})))
}
