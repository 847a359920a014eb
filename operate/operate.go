// Package operate is what the operators' commands do, without their flags: try
// a source on an object (try.go), say whose a key is (explain.go) and what an
// object's content looks like (detect.go), send what was tried to Devo
// (send.go), and turn a configuration of Devo's SQS collector into a
// deployment's file (import.go and its likes).
package operate
