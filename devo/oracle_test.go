//go:build moto

package devo

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestOracleOfTheWire has Devo's own SDK (https://pypi.org/project/devo-sdk)
// and a Sink send the same records to the same far end, which must read the
// same bytes. The SDK is told the date and host that the Sink writes: they are
// all that differs by default.
func TestOracleOfTheWire(t *testing.T) {
	type record struct {
		Tag       string `json:"tag"`
		Text      string `json:"text"`
		Multiline bool   `json:"multiline"`
	}
	lines := []record{
		{Tag: "my.app.t.x", Text: "hello"},
		{Tag: "cloud.aws.cloudtrail.events.111122223333.eu-west-1", Text: `{"a":"\n<14>\\"}`},
		{Tag: "my.app.t.x", Text: "é \u2028 𝄞 : x: y"},
		{Tag: "my.app.t-x", Text: strings.Repeat("x", 100_000)},
		{Tag: "my.app.t.x", Text: "<14>Jan  1 00:00:00 h1 my.app.forged: no"},
		{Tag: "my.app.t.x", Text: "39 <14>no"},
	}
	broken := append(lines[:len(lines):len(lines)],
		record{"my.app.t.x", "a\nb", true}, record{"my.app.t.y", "é\n\n<14>Jan  1 00:00:00 h1 my.app.forged: no\nb", true},
		record{"my.app.t.x", "a\r\x00b", true}, record{"my.app.t.x", "last", false})
	for name, test := range map[string]struct {
		change  func(*Config)
		records []record
	}{
		"plain":                 {nil, lines},
		"octet counts":          {nil, broken},
		"gzip":                  {func(c *Config) { c.Gzip = true }, lines},
		"to a relay":            {toRelay, lines},
		"to a relay, by counts": {func(c *Config) { toRelay(c); c.Multiline = "octet" }, broken},
	} {
		t.Run(name, func(t *testing.T) {
			got := make(chan []byte, 1)
			var s *Sink
			if relay := strings.HasPrefix(name, "to a relay"); relay {
				s = newSink(t, test.change, serveTCP(t, func(c net.Conn) { got <- must(io.ReadAll(c)) }))
			} else {
				s = newSink(t, test.change, serve(t, far(tls.VersionTLS13), func(p *peer) { got <- readAll(p) }))
			}
			s.now = func() time.Time { return noon }
			c := dial(t, s)
			for _, r := range test.records {
				if err := c.Write(c.Header("source", r.Tag), []byte(r.Text)); err != nil {
					t.Fatal(err)
				}
			}
			if err := c.Confirm(t.Context()); err != nil {
				t.Fatal(err)
			}
			ours := <-got

			host, port, _ := net.SplitHostPort(s.Endpoints[0])
			script := exec.Command(filepath.Join("..", ".venv", "bin", "python"), append([]string{"testdata/oracle.py", host, port}, files(t, s)...)...)
			script.Stdin = bytes.NewReader(must(json.Marshal(map[string]any{
				"zip": s.Gzip, "date": "2026-01-02 12:04:05.067", "host": "collector-acme-source", "records": test.records,
			})))
			if said, err := script.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, said)
			}
			theirs := <-got
			if s.Gzip {
				if !bytes.Equal(ours[:8], theirs[:8]) { // then comes the level, which is anyone's
					t.Errorf("a member begins with %x, theirs with %x", ours[:10], theirs[:10])
				}
				ours, theirs = members(t, bytes.NewBuffer(ours)), members(t, bytes.NewBuffer(theirs))
			}
			if !bytes.Equal(ours, theirs) {
				t.Errorf("ours   %.2000q\ntheirs %.2000q", ours, theirs)
			}
		})
	}
}

// files are the key pair for the SDK; none for a relay.
func files(t *testing.T, s *Sink) (paths []string) {
	t.Helper()
	if s.Sink == "relay" {
		return nil
	}
	dir := t.TempDir()
	for i, pem := range [][]byte{domain.Key, domain.Cert, domain.Chain} {
		paths = append(paths, filepath.Join(dir, []string{"key", "cert", "chain"}[i]))
		if err := os.WriteFile(paths[i], pem, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return paths
}
