// Package customers holds the deployments' files, for people and the CDK app,
// and their JSON Schema, for editors.
package customers

import _ "embed"

// Schema is the JSON Schema of a deployment's file. `go test ./config/schema
// -update` writes it.
//
//go:embed schema.json
var Schema []byte
