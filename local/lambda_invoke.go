package local

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// A callable function is one that the API can invoke.
type callable struct {
	arn    string
	invoke func(context.Context, []byte) (Result, error)
}

// AddFunction lets the account's Lambda API invoke the function with that ARN,
// a version's or an alias's included.
func (a *Account) AddFunction(arn string, invoke func(context.Context, []byte) (Result, error)) {
	a.lambda.mu.Lock()
	defer a.lambda.mu.Unlock()
	a.lambda.functions = append(a.lambda.functions, callable{arn, invoke})
}

const (
	functionsPath   = "/2015-03-31/functions/"
	invocationsPath = "/invocations"
)

// invokedName is the function that an Invoke names, its qualifier included; ""
// if r is none.
func invokedName(r *http.Request) string {
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), functionsPath)
	name, invokes := strings.CutSuffix(path, invocationsPath)
	name, err := url.PathUnescape(name)
	if !ok || !invokes || err != nil || r.Method != http.MethodPost {
		return ""
	}
	if q := r.URL.Query().Get("Qualifier"); q != "" {
		name += ":" + q
	}
	return name
}

// callable is the function of that name.
func (l *lambdaService) callable(name string) (callable, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.functions {
		if isFunction(f.arn, name) {
			return f, true
		}
	}
	return callable{}, false
}

// invoke runs a function and waits for it
// (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html).
func (l *lambdaService) invoke(w http.ResponseWriter, r *http.Request, body []byte) {
	f, ok := l.callable(invokedName(r))
	if !ok {
		lambdaError(w, http.StatusNotFound, "ResourceNotFoundException", "Function not found: "+invokedName(r))
		return
	}
	result, err := f.invoke(r.Context(), body)
	if err != nil {
		lambdaError(w, http.StatusInternalServerError, "ServiceException", err.Error())
		return
	}
	if result.FunctionError != "" {
		w.Header().Set("X-Amz-Function-Error", result.FunctionError)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(result.Payload) // a caller who is gone needs no answer
}
