package workload

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
)

// Samples are the objects of testdata: those of the catalog's services that
// another tool made, with the records that it says they hold. Left out are
// those that end in an error or need a deployment of their own, and those of
// whose records their file does not tell the exact bytes.
func Samples(dir string) ([]*Object, error) { return SamplesOf(dir, "*") }

// SamplesOf are those of one service.
func SamplesOf(dir, service string) ([]*Object, error) {
	keys, err := filepath.Glob(filepath.Join(dir, service, "*", "key"))
	if err != nil || len(keys) == 0 {
		return nil, fmt.Errorf("no objects in %s/%s/*: %w", dir, service, os.ErrNotExist)
	}
	var all []*Object
	taken := make(map[string]bool)
	for _, file := range keys {
		o, err := sample(filepath.Dir(file))
		if err != nil {
			return nil, err
		}
		if o == nil {
			continue
		}
		for taken[o.Service+" "+o.Key] {
			o.Key = "more/" + o.Key // the keys that a service has may have anything in front
		}
		taken[o.Service+" "+o.Key] = true
		all = append(all, o)
	}
	return all, nil
}

// Services counts those that have objects, among the samples or invented.
func Services(samples []*Object) int {
	names := make(map[string]bool)
	for _, s := range services {
		names[s.name] = true
	}
	for _, o := range samples {
		names[o.Service] = true
	}
	return len(names)
}

func sample(dir string) (*Object, error) {
	for _, name := range []string{"deployment.yaml", "error", "routing"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return nil, nil
		}
	}
	files := make(map[string][]byte)
	for _, name := range []string{"key", "object", "records"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		files[name] = b
	}
	o := &Object{
		Service: filepath.Base(filepath.Dir(dir)),
		Key:     string(bytes.TrimSuffix(files["key"], []byte("\n"))),
		Body:    files["object"],
		// Which Index a record has is not known: a fault may cause any of them
		// to be sent again.
		First: math.MaxInt32,
	}
	if strings.HasSuffix(o.Key, ".gz") && !bytes.HasPrefix(o.Body, []byte("\x1f\x8b")) {
		o.Body = gzipped(o.Body)
	}
	for line := range bytes.Lines(files["records"]) {
		tag, record, _ := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte("\t"))
		if !exact(record) {
			return nil, nil
		}
		o.records = append(o.records, idOf(tag, record))
	}
	return o, nil
}

// exact tells whether a record of the file stands there as it is: where one has
// line breaks, they are written \n, which could also be its own.
func exact(record []byte) bool {
	return json.Valid(record) || !bytes.Contains(record, []byte(`\n`)) && !bytes.Contains(record, []byte(`\r`)) && !bytes.Contains(record, []byte(`\0`))
}
