package main

import (
	"os"
	"testing"
)

// TestMain lets the test's binary be the other processes too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && commands[os.Args[1]] != nil {
		main()
		return
	}
	os.Exit(m.Run())
}
