package main

import (
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"testing"
)

func TestDrawnMutants(t *testing.T) {
	t.Chdir("../..")
	const n = 200
	all, err := drawn(n, 7)
	if err != nil {
		t.Fatal(err)
	}
	again, err := drawn(n, 7)
	if err != nil {
		t.Fatal(err)
	}
	other, err := drawn(n, 8)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != n || !reflect.DeepEqual(all, again) || reflect.DeepEqual(all, other) {
		t.Errorf("%d mutants; the same seed returns the same: %t, another seed others: %t",
			len(all), reflect.DeepEqual(all, again), !reflect.DeepEqual(all, other))
	}
	packages := make(map[string]int)
	for _, m := range all {
		packages[m.pkg]++
		source, err := os.ReadFile(m.file)
		if err != nil {
			t.Fatal(err)
		}
		if m.changed == string(source) {
			t.Errorf("%s changes nothing", m.name)
		}
		if _, err := parser.ParseFile(token.NewFileSet(), m.file, m.changed, 0); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
		if !m.isKnown([]string{"x", m.file + ": " + m.line}) || m.isKnown([]string{m.line}) {
			t.Errorf("%s is not found in the list by its line %q", m.name, m.line)
		}
	}
	for _, room := range randomRooms {
		if packages["./"+room] < n/len(packages)-1 {
			t.Errorf("%s has %d of %d mutants", room, packages["./"+room], n)
		}
	}
}
