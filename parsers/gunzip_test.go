package parsers

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

func TestGunzip(t *testing.T) {
	z, err := Gunzip(bytes.NewReader(members([]byte("one\ntwo\n"), 4)))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(z); err != nil || string(text) != "one\ntwo\n" {
		t.Fatalf("%q, %v", text, err)
	}
	if _, err := Gunzip(strings.NewReader("plain text")); err == nil {
		t.Fatal("no gzip, and no error")
	}
}
