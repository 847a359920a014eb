package stack

import (
	"os"
	"path/filepath"
	"testing"
)

// TestWhatAKilledRunLeftIsRemoved by the next start; what a living one has is not.
func TestWhatAKilledRunLeftIsRemoved(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	living, err := newFolder()
	if err != nil {
		t.Fatal(err)
	}
	killed, err := newFolder()
	if err == nil {
		err = os.WriteFile(filepath.Join(killed.path, "config.yaml"), []byte("x"), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	killed.lock.Close() // as the kernel does when a process is killed
	next, err := newFolder()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{living.path: true, killed.path: false, next.path: true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
	if err := living.remove(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(living.path); err == nil {
		t.Error("it is not removed in the end")
	}
}
