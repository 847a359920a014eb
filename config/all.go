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
	// Warnings are what may be meant, and should be looked at.
	Warnings Mistakes
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
		all      = claims{taken: make(map[string]string), shared: make(map[string]bool), buckets: make(map[string][]placement)}
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
				r.claim(c, all)
			}
			if len(r.mistakes) == 0 {
				right = append(right, Deployment{file, c, r.warnings(c)})
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

// claims are what the files read so far have.
type claims struct {
	taken   map[string]string      // the file that has something only one can have
	shared  map[string]bool        // the secrets that all files so far share on purpose
	buckets map[string][]placement // by name
}

// A placement is a bucket under a queue of a file.
type placement struct {
	file   string
	queue  *Queue
	bucket Bucket
}

// claim finds what another file has already that only one can have.
func (r *reader) claim(c *Config, all claims) {
	claim := func(path, what, mend string) {
		other, ok := all.taken[what]
		if ok && other != r.file && r.has(path) { // what follows from the customer's name is reported there
			r.wrongAt(path, "%s is in %s already; %s", what, other, mend)
		}
		if !ok {
			all.taken[what] = r.file
		}
	}
	claim("customer", "customer "+c.Customer, "give one of the deployments another name")
	claim("id", "id "+c.ID, "give one of the deployments another id")
	claim("continuation", "queue "+c.Continuation, "what one function hands on, the other would take: give one of them another")
	if c.Ledger.Table != "" {
		claim("ledger.table", "table "+c.Ledger.Table+" of account "+c.Account+" in "+c.Region, "one customer's role could change what the other's ledger says: give one of them another")
	}
	const ownPair = "whoever has it can send in that customer's name: give each deployment a secret of its own"
	if pair := "secret " + c.secretARN(c.Devo.Secret); c.Devo.Secret != "" {
		if !c.Devo.SharedSecret || !all.shared[pair] {
			claim("devo.secret", pair, ownPair+", or write shared_secret: true in both")
		}
		all.shared[pair] = c.Devo.SharedSecret
	}
	for i := range c.Queues {
		q, path := &c.Queues[i], fmt.Sprintf("queues[%d]", i)
		if q.Keys != "" {
			claim(path+".keys", "secret "+c.secretARN(q.Keys), ownPair)
		}
		claim(path+".arn", "queue "+q.ARN, "a queue has one deployment")
		for j, f := range q.Was {
			claim(fmt.Sprintf("%s.was[%d].arn", path, j), "queue "+f.ARN, "a queue has one deployment")
		}
		if q.Makes("reader") {
			claim(path+".role_arn", "role "+q.RoleARN, "a role that a stack makes trusts one deployment: give one of them another name")
		}
		if q.Makes("operator") {
			claim(path+".operator_arn", "role "+q.OperatorARN, "give one of them another name")
		}
		for j, b := range q.Buckets {
			at := fmt.Sprintf("%s.buckets[%d].name", path, j)
			if b.Makes("bucket") {
				claim(at, "bucket "+b.Name, "one stack makes it: leave make out in one of them")
			}
			if !q.Vendor() {
				r.claimKeys(at, placement{r.file, q, b}, all.buckets[b.Name])
				all.buckets[b.Name] = append(all.buckets[b.Name], placement{r.file, q, b})
			}
		}
	}
}

// claimKeys finds a bucket that another file has with some of the same keys: of
// two notifications for one key S3 refuses the second, or, put as a whole, it
// replaces the first.
func (r *reader) claimKeys(path string, p placement, others []placement) {
	for _, other := range others {
		if other.file != p.file && excludes(p.queue, p.bucket, other.queue, other.bucket) {
			r.wrongAt(path, "S3 announces a key to one queue, and %s has some of this bucket's; "+
				"write delivery: sns in both, or delivery: eventbridge, or prefixes and suffixes that exclude each other", other.file)
			return
		}
	}
}
