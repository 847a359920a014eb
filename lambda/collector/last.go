package main

import (
	"bytes"
	"encoding/json"
	"errors"
)

// A lastAnswer is what the process says before it ends, because something that it
// started does not end by itself and must not run on in the next invocation.
//
// aws-lambda-go posts a response that is an io.Reader as it stands, closes it once
// the Runtime API has taken it, and only then asks for the next invocation
// (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html). So the batch is
// answered, and the next one gets a new process. Should Lambda ever take the end for
// a failure of the invocation, the batch comes again, and the ledger makes what was
// done of it a no-op.
type lastAnswer struct {
	*bytes.Reader
	end func()
}

func newLastAnswer(answer any, end func()) (*lastAnswer, error) {
	body, err := json.Marshal(answer)
	return &lastAnswer{bytes.NewReader(body), end}, err
}

// MarshalJSON fails: what is valid JSON the library sends in place of the reader,
// and never closes.
func (*lastAnswer) MarshalJSON() ([]byte, error) { return nil, errors.New("to be read") }

// ContentType is what the response says of itself.
func (*lastAnswer) ContentType() string { return "application/json" }

// Close implements io.Closer.
func (a *lastAnswer) Close() error { //nolint:unparam // io.Closer has the result
	a.end()
	return nil
}
