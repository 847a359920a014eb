package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// A Deployment is a file and what is in it.
type Deployment struct {
	File string
	*Config
}

// LoadAll reads files, and of directories every file that ends in .yaml or .yml;
// each once.
// It gives those that are right, in order. Its error has every mistake of the
// others, and what two deployments may not have in common, as Mistakes; and what
// could not be read.
func LoadAll(paths ...string) ([]Deployment, error) {
	var (
		right    []Deployment
		mistakes Mistakes
		failed   []error
		read     = make(map[string]bool)
		taken    = make(map[string]string)
	)
	for _, path := range paths {
		files, err := filesOf(path)
		if err != nil {
			failed = append(failed, err)
		}
		for _, file := range files {
			if read[filepath.Clean(file)] {
				continue
			}
			read[filepath.Clean(file)] = true
			data, err := os.ReadFile(file)
			if err != nil {
				failed = append(failed, fmt.Errorf("read deployment: %w", err))
				continue
			}
			c, r := examine(file, data)
			if len(r.mistakes) == 0 {
				r.claim(c, taken)
			}
			if len(r.mistakes) == 0 {
				right = append(right, Deployment{file, c})
			}
			mistakes = append(mistakes, r.mistakes.sorted()...)
		}
	}
	if len(mistakes) > 0 {
		failed = slices.Insert(failed, 0, error(mistakes))
	}
	if len(failed) == 1 {
		return right, failed[0]
	}
	return right, errors.Join(failed...)
}

// filesOf is path itself, or a directory's deployments.
func filesOf(path string) (files []string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read deployment: %w", err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("read deployments: %w", err)
	}
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); !e.IsDir() && (ext == ".yaml" || ext == ".yml") {
			files = append(files, filepath.Join(path, e.Name()))
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("read deployments: there is none in %s; `collector init` writes one", path)
	}
	return files, nil
}

// claim finds what another file has already that only one can have.
func (r *reader) claim(c *Config, taken map[string]string) {
	claim := func(path, what, mend string) {
		if other, ok := taken[what]; ok && other != r.file {
			r.wrongAt(path, "%s is in %s already; %s", what, other, mend)
			return
		}
		taken[what] = r.file
	}
	claim("customer", "customer "+c.Customer, "give one of the deployments another name")
	claim("id", "id "+c.ID, "give one of the deployments another id")
	for i, q := range c.Queues {
		path := fmt.Sprintf("queues[%d]", i)
		claim(path+".arn", "queue "+q.ARN, "a queue has one deployment")
		if q.Makes("reader") {
			claim(path+".role_arn", "role "+q.RoleARN, "a role that a stack makes trusts one deployment: give one of them another name")
		}
		if q.Makes("operator") {
			claim(path+".operator_arn", "role "+q.OperatorARN, "give one of them another name")
		}
		for j, b := range q.Buckets {
			if b.Makes("bucket") {
				claim(fmt.Sprintf("%s.buckets[%d].name", path, j), "bucket "+b.Name, "one stack makes it: leave make out in one of them")
			}
		}
	}
}
