// Package config reads a deployment's file: YAML, strictly, all mistakes at
// once.
//
// customers/example.yaml shows every key. The way of the data: Parse has the
// file's syntax tree read into a Config (read.go, sources.go), fills in what
// follows from the rest and checks it (check.go, queue.go, names.go); each
// mistake is shown where it is (mistake.go).
package config

import (
	"fmt"
	"os"
	"reflect"
	"time"

	"github.com/devo-s3/collector/sources"
)

// maxFile is the size in bytes of the largest file that is read.
const maxFile = 256 << 10

// A Config is a deployment: one customer, one region, one Devo domain. As
// Parse gives it, it is complete, defaults included, and checked.
type Config struct {
	// Customer is in the names of the deployment's resources: a lower-case
	// letter, then up to 31 of a-z, 0-9 and -.
	Customer string `yaml:"customer"`
	// ID is in the host field of every frame, collector-ID-SOURCE: 1 to 32
	// letters and digits.
	ID string `yaml:"id"`
	// Account is Devo's AWS account, where the function runs: 12 digits.
	Account string `yaml:"account"`
	// Region is where function and queues are.
	Region string `yaml:"region"`
	// Timeout is the function's: 1 to 15 minutes, and at least four times the
	// time that is kept at its end for confirmation; 3 minutes unless set.
	Timeout time.Duration `yaml:"timeout"`
	// MemoryMiB is the function's, 128 to 10,240; 1,769, one whole CPU, unless set.
	MemoryMiB int `yaml:"memory_mib"`
	// Devo is the far end.
	Devo DevoConfig `yaml:"devo"`
	// Ledger is the memory of what was confirmed.
	Ledger Ledger `yaml:"ledger"`
	// Continuation is the ARN of the queue for what an invocation leaves over,
	// in Account and Region; devo-s3-collector-CUSTOMER-continuation unless
	// set.
	Continuation string `yaml:"continuation"`
	// Queues are the customer's, at least one.
	Queues []Queue `yaml:"queues"`
}

// DevoConfig says where Devo is and how to speak to it.
type DevoConfig struct {
	// Endpoints are host:port, at least one, tried in order.
	Endpoints []string `yaml:"endpoints"`
	// Secret is the name or ARN of the Secrets Manager secret with the key
	// pair. Either it or Files is set.
	Secret string `yaml:"secret"`
	// Files are the key pair, for a run outside AWS.
	Files Files `yaml:"files"`
	// Verify is full, or chain: the endpoint's certificate may bear any name.
	Verify string `yaml:"verify"`
	// Multiline says what becomes of line breaks in a record: octet or escape.
	Multiline string `yaml:"multiline"`
	// Confirm is closed, or drained for an endpoint that never answers the end
	// of a connection.
	Confirm string `yaml:"confirm"`
	// ConfirmTimeout is how long the far end may take to answer the end of a
	// connection: 1 second to 5 minutes; 30 seconds unless set.
	ConfirmTimeout time.Duration `yaml:"confirm_timeout"`
	// ConfirmEvery bounds what is written before it is confirmed.
	ConfirmEvery ConfirmEvery `yaml:"confirm_every"`
	// Tags are of records that cannot have their own.
	Tags Tags `yaml:"tags"`
}

// Files are the paths of PEM files. Chain may be empty.
type Files struct {
	Cert  string `yaml:"cert"`
	Key   string `yaml:"key"`
	Chain string `yaml:"chain"`
}

// ConfirmEvery bounds a connection: whichever is reached first ends it.
type ConfirmEvery struct {
	// Bytes is 64 KiB to 1 GiB; 64 MiB unless set.
	Bytes sources.Bytes `yaml:"bytes"`
	// Time is 1 second to 5 minutes; 20 seconds unless set.
	Time time.Duration `yaml:"time"`
}

// Tags are whole tags, without placeholders.
type Tags struct {
	// Unparsed is for records that could not be understood.
	Unparsed string `yaml:"unparsed"`
	// BadTag is for records whose own tag would be impossible.
	BadTag string `yaml:"bad_tag"`
}

// DefaultTags are those of a deployment that sets none.
var DefaultTags = Tags{Unparsed: "my.app.s3collector.unparsed", BadTag: "my.app.s3collector.badtag"}

// Ledger says where it is remembered what was confirmed.
type Ledger struct {
	// Kind is dynamodb, or none: then a message that comes twice, as SQS
	// allows, is delivered twice, and every retry begins at the start.
	Kind string `yaml:"kind"`
	// Table is DynamoDB's; devo-s3-collector-CUSTOMER unless set, "" for kind
	// none.
	Table string `yaml:"table"`
	// Down says what first deliveries do while the ledger does not answer:
	// continue, at the risk of duplicates, or stop.
	Down string `yaml:"down"`
	// Keep is how long a finished object is remembered, 28 to 365 days: it must
	// be longer than a message can live in a queue and its DLQ. 35 days unless
	// set.
	Keep time.Duration `yaml:"keep"`
}

// A Queue is one of the customer's, and what may be read because of its
// messages.
type Queue struct {
	// ARN is the queue's; the file may have its URL instead.
	ARN string `yaml:"arn"`
	// RoleARN is the customer's role that reads the buckets.
	RoleARN string `yaml:"role_arn"`
	// ExternalID is what the role's trust policy asks for; "" if nothing.
	ExternalID string `yaml:"external_id"`
	// Buckets are the only ones that are ever asked for, at least one.
	Buckets []Bucket `yaml:"buckets"`
	// Sources are the active ones, in order, at least one.
	Sources sources.Set `yaml:"sources"`
}

// A Bucket is one of the customer's.
type Bucket struct {
	Name string `yaml:"name"`
	// Owner is the bucket's AWS account; the queue's unless set.
	Owner string `yaml:"owner"`
	// Region is the deployment's unless set.
	Region string `yaml:"region"`
	// Prefixes are the only keys the role may read; none means all.
	Prefixes []string `yaml:"prefixes"`
	// KMSKey is the ARN of the key the objects are encrypted with, if the
	// customer has one for them.
	KMSKey string `yaml:"kms_key"`
}

// Load reads the file at path. See Parse.
func Load(path string) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read deployment: %w", err)
	}
	return Parse(path, data)
}

// Parse reads a deployment's file. The error is a Mistakes, all there are; file
// is its name there.
func Parse(file string, data []byte) (*Config, error) {
	r := newReader(file, data)
	c := &Config{
		Timeout:   3 * time.Minute,
		MemoryMiB: 1769,
		Devo: DevoConfig{
			Verify:         "full",
			Multiline:      "octet",
			Confirm:        "closed",
			ConfirmTimeout: 30 * time.Second,
			ConfirmEvery:   ConfirmEvery{Bytes: 64 << 20, Time: 20 * time.Second},
			Tags:           DefaultTags,
		},
		Ledger: Ledger{Kind: "dynamodb", Down: "continue", Keep: 35 * day},
	}
	if root := r.root(data); root != nil {
		r.read(root, reflect.ValueOf(c).Elem(), "")
		if !r.unread[""] {
			r.check(c)
		}
	}
	if len(r.mistakes) > 0 {
		return nil, r.mistakes.sorted()
	}
	return c, nil
}
