package main

import (
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/devo-s3/collector/cmd/collector/stack"
	"github.com/devo-s3/collector/local"
)

const httpToken = "a5370c9e8f7d7edf9d00112233445566"

// TestHTTPCases runs the cases with Devo's HTTP endpoint as the sink.
func TestHTTPCases(t *testing.T) { testCases(t, overHTTP(t)) }

// overHTTP is a site on the embedded account that sends to an HTTP endpoint.
// A behaviour's connection is a request.
func overHTTP(t *testing.T) *site {
	t.Helper()
	k, err := stack.Start(stack.Options{Bootstrap: bootstrap, Processes: 1, Feeds: caseFeeds()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	s := &site{queueARN: k.Feeds[0].ARN, bucket: k.Feeds[0].Bucket}
	s.put = func(key string, body []byte) error { return k.Account.Put(s.bucket, key, body) }
	far := httptest.NewUnstartedServer(s.endpoint())
	far.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that Dial gave up
	far.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	far.StartTLS()
	t.Cleanup(far.Close)

	chain := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: far.Certificate().Raw})
	k.Account.PutSecret(stack.SecretName, string(must(json.Marshal(map[string]string{"token": httpToken, "chain": string(chain)}))))
	file := must(k.WriteDeployment("sink: http", "domain: acme"))
	text := strings.ReplaceAll(string(must(os.ReadFile(file))), k.Receiver.Addr(), far.Listener.Addr().String())
	file = filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.function = must(local.StartFunction(local.FunctionOptions{
		Bootstrap: bootstrap, Timeout: stack.FunctionTimeout, Log: s.line, Processes: 2,
		Env: stack.Env(file, k.Account.Endpoint(), k.Key),
	}))
	t.Cleanup(s.function.Close)
	return s
}

// endpoint takes the records of POST /stream/DOMAIN/token!TOKEN/HOST/TAG, a line
// each.
func (s *site) endpoint() http.HandlerFunc {
	var requests atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || s.behaviour(requests.Add(1)).Do == local.ActReset {
			panic(http.ErrAbortHandler)
		}
		host, tag := path.Split(r.URL.Path)
		if r.Method != http.MethodPost || !strings.HasPrefix(host, "/stream/acme/token!"+httpToken+"/collector-12345-") || !strings.HasSuffix(string(body), "\n") {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		for line := range strings.Lines(string(body)) {
			s.received(local.Record{Tag: []byte(tag), Raw: []byte(strings.TrimSuffix(line, "\n"))})
		}
	}
}
