package operate

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// saveEvery is how often a State is written while it changes.
const saveEvery = time.Second

// A State is how far a Backfill has got, kept in a file so that it can go on
// where it was cut short.
type State struct {
	// For is the command's own words, by which it is known again.
	For string `json:"for"`
	Choice
	// Again is the reason for sending what was sent before, "" if that is not
	// wanted, and Generation then part of the objects' identity.
	Again      string `json:"again,omitempty"`
	Generation int    `json:"generation,omitempty"`
	// Planned is what is to be queued, Sent how many objects were, After where
	// the last of them stands.
	Planned Count  `json:"planned"`
	Sent    int64  `json:"sent"`
	After   string `json:"after"`

	path  string
	saved time.Time
}

// NewState begins a Backfill at now; its file is written when something has been
// sent.
func NewState(path, words string, p *Plan, again string, now time.Time) *State {
	s := &State{For: words, Choice: p.Choice, Again: again, Planned: p.Count, path: path}
	if again != "" {
		s.Generation = int(now.Unix()) // higher than every one before
	}
	return s
}

// ReadState reads the file of a Backfill that was cut short; nil if there is
// none. One of another Backfill is an error.
func ReadState(path, words string) (*State, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	s := &State{path: path}
	if err == nil {
		err = json.Unmarshal(data, s)
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("read state %s: %w", path, err)
	case s.For != words:
		return nil, fmt.Errorf("%s is the state of another backfill, which was cut short: %s; finish that first, delete the file, or name another by --state", path, s.For)
	}
	return s, nil
}

// save writes the file, but not too often: what is not in it is queued again,
// and prevented as a duplicate.
func (s *State) save() error {
	if time.Since(s.saved) < saveEvery {
		return nil
	}
	return s.write()
}

func (s *State) write() error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err == nil {
		err = os.WriteFile(s.path+".new", append(data, '\n'), 0o644)
	}
	if err == nil {
		err = os.Rename(s.path+".new", s.path)
	}
	if err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	s.saved = time.Now()
	return nil
}

// finish removes the file.
func (s *State) finish() error {
	if err := os.Remove(s.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove state: %w", err)
	}
	return nil
}

// origin is what stands in the messages in place of the one that first named the
// object.
func (s *State) origin() string {
	if s.Again != "" {
		return "backfill again: " + s.Again
	}
	return "backfill"
}
