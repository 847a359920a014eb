package devo

import (
	"os"
	"path/filepath"
	"testing"
)

func TestReadKeyPair(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, text := range map[string]string{cert: "c", key: "k"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pair, err := ReadKeyPair(cert, key, "")
	if err != nil || string(pair.Cert) != "c" || string(pair.Key) != "k" || pair.Chain != nil {
		t.Errorf("%q %q %q, %v", pair.Cert, pair.Key, pair.Chain, err)
	}
	if _, err := ReadKeyPair(cert, filepath.Join(dir, "none"), ""); err == nil {
		t.Error("a missing file is no error")
	}
}
