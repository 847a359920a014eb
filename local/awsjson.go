package local

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"
)

// A call is one request to a service that speaks AWS's JSON 1.0 protocol
// (https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html).
type call struct {
	context.Context
	host string // as the client addressed the account
	who  caller
}

// An action answers one X-Amz-Target.
type action func(c call, payload []byte) (any, error)

// typed makes an action of a function over the decoded payload.
func typed[In, Out any](f func(call, In) (Out, error)) action {
	return func(c call, payload []byte) (any, error) {
		var in In
		if err := json.Unmarshal(payload, &in); err != nil {
			return nil, &fault{kind: "com.amazon.coral.service#SerializationException", message: err.Error()}
		}
		return f(c, in)
	}
}

// nothing is the answer of an action that has none.
type nothing struct{}

// A fault is an error as the caller sees it: HTTP 400 and a typed body.
type fault struct {
	kind    string // the shape with its namespace, as in __type
	query   string // the older XML protocol's code for it, which the SDK shows; may be ""
	message string
	item    item // DynamoDB's ALL_OLD
}

func (f *fault) Error() string {
	_, shape, _ := strings.Cut(f.kind, "#")
	return shape + ": " + f.message
}

// serveActions runs the action that the request names and writes its answer.
func serveActions(w http.ResponseWriter, r *http.Request, actions map[string]action, payload []byte, who caller) {
	_, name, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	run, known := actions[name]
	if !known {
		run = func(call, []byte) (any, error) {
			return nil, &fault{kind: "com.amazon.coral.service#UnknownOperationException", message: "unknown operation " + name}
		}
	}
	out, err := run(call{Context: r.Context(), host: r.Host, who: who}, payload)

	status := http.StatusOK
	if err != nil {
		var f *fault
		if !errors.As(err, &f) { // the caller went away, or a mistake of ours
			f = &fault{kind: "com.amazon.coral.service#InternalFailure", message: err.Error()}
			status = http.StatusInternalServerError
		} else {
			status = http.StatusBadRequest
		}
		if f.query != "" {
			w.Header().Set("X-Amzn-Query-Error", f.query+";Sender")
		}
		out = struct {
			Type    string `json:"__type"`
			Message string `json:"message"`
			Item    item   `json:",omitempty"`
		}{f.kind, f.message, f.item}
	}
	body, err := json.Marshal(out)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a caller who is gone needs no answer
}

// newUUID is a random UUID, version 4.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
