// Package config reads a deployment's file: YAML, strictly, all mistakes at
// once.
//
// customers/example.yaml shows every key. The way of the data: Parse has the
// file's syntax tree read into a Config (read.go, sources.go), fills in what
// follows from the rest and checks it (check.go, queue.go, bucket.go, direct.go),
// single values by rules (rules.go, names.go), and then what AWS would refuse of
// the stacks (needs.go, order.go, sizes.go); each mistake is shown where it is (mistake.go).
// LoadAll does so for a directory, whose deployments must not claim the same
// things (all.go). What follows from a Config is in methods of it and its parts:
// names (derived.go, arn.go, region.go) and policies (grants_*.go).
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
	// Architecture is of the function's CPU: arm64, unless set, or x86_64.
	Architecture string `yaml:"architecture"`
	// LogRetention is how long CloudWatch keeps the logs, one of the times that
	// it offers; 30 days unless set.
	LogRetention time.Duration `yaml:"log_retention"`
	// Alarms say whom the alarms tell, and when.
	Alarms Alarms `yaml:"alarms"`
	// Dashboard is made unless this is false; it has a price.
	Dashboard bool `yaml:"dashboard"`
	// XRay traces invocations, unless it is false, as it is unless set.
	XRay bool `yaml:"xray"`
	// Protect has CloudFormation and DynamoDB refuse to delete the collector's stack
	// and the ledger; false unless set: a first deployment that fails cannot be
	// repeated while they do.
	Protect bool `yaml:"protect"`
}

// Alarms say whom the alarms tell, and when.
type Alarms struct {
	// Topic is the ARN of an SNS topic that is there already; the stack makes
	// one unless set.
	Topic string `yaml:"topic"`
	// Emails are subscribed to the topic that the stack makes.
	Emails []string `yaml:"emails"`
	// SilenceAfter is how long nothing may arrive by a queue before that is an
	// alarm, unless the queue has its own: 5 minutes to 1 day; 0, unless set, is
	// never: not every customer writes logs all the time.
	SilenceAfter time.Duration `yaml:"silence_after"`
	// CertificateDays is how many days before its end the certificate is an
	// alarm; 30 unless set.
	CertificateDays int `yaml:"certificate_days"`
}

// DevoConfig says where Devo is and how to speak to it.
type DevoConfig struct {
	// Sink is syslog, unless set, http for Devo's HTTP endpoint, or relay for a
	// relay of Devo's.
	Sink string `yaml:"sink"`
	// Endpoints are host:port, at least one, tried in order; those that failed
	// within 5 minutes come last.
	Endpoints []string `yaml:"endpoints"`
	// Domain is Devo's, for the HTTP endpoint alone.
	Domain string `yaml:"domain"`
	// Secret is the name or ARN of the Secrets Manager secret with the key
	// pair, or with the HTTP endpoint's token. Either it or Files is set; a
	// relay has neither.
	Secret string `yaml:"secret"`
	// SharedSecret says that other deployments use the same secret, and say so
	// too. Without it, a second file with the secret is rejected.
	SharedSecret bool `yaml:"shared_secret"`
	// Files are the key pair, for a run outside AWS.
	Files Files `yaml:"files"`
	// Verify is full, or chain: the endpoint's certificate may bear any name.
	Verify string `yaml:"verify"`
	// Multiline says what becomes of line breaks in a record: octet, unless set
	// otherwise, or escape, which is the default for a relay and all there is
	// with gzip and http.
	Multiline string `yaml:"multiline"`
	// Gzip compresses what is sent; not to a relay.
	Gzip bool `yaml:"gzip"`
	// Confirm says which end of a connection is believed: notified, with a
	// close_notify of TLS; closed, without; drained, none at all. Unless set, an
	// endpoint must send a close_notify from the first one on that it was seen to
	// send.
	Confirm string `yaml:"confirm"`
	// Heartbeat is how often watch sends a record of its own, 1 minute to 1 hour in
	// whole minutes; 5 minutes unless set; 0 is never, but for its tries while Devo
	// is out of reach.
	Heartbeat time.Duration `yaml:"heartbeat"`
	// ConfirmTimeout is how long the far end may take to answer the end of a
	// connection, counted from when it last took a byte: 1 second to 5 minutes; 30
	// seconds unless set.
	ConfirmTimeout time.Duration `yaml:"confirm_timeout"`
	// ConfirmEvery bounds what is written before it is confirmed.
	ConfirmEvery ConfirmEvery `yaml:"confirm_every"`
	// Tags are of records that cannot have their own.
	Tags Tags `yaml:"tags"`
}

// Files are the paths of PEM files. Chain may be empty.
type Files struct {
	// Cert is the certificate's.
	Cert string `yaml:"cert"`
	// Key is the private key's.
	Key string `yaml:"key"`
	// Chain is the authorities', which are believed beside the system's; those that
	// issued Cert are sent with it.
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
	// BadTag is for records whose own tag is impossible or, with the HTTP
	// endpoint, one of more than 1,000 that wait at once.
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
	// ARN is the queue's; the file may have its URL instead, and has neither if
	// the Kind is listing.
	ARN string `yaml:"arn"`
	// Kind is what its messages are: notifications, unless set, that name
	// objects; or direct: records of the one source, without Buckets. It is
	// listing where there is no queue, and a vendor's one bucket is listed for
	// what is new.
	Kind string `yaml:"kind"`
	// Keys is the name or ARN of the Secrets Manager secret with a vendor's
	// access key, if the queue or the listed bucket is a vendor's: a JSON object
	// with access_key_id and secret_access_key. watch polls it, and what says how
	// Lambda does, and what the stacks make, is left out. "" if there is none.
	Keys string `yaml:"keys"`
	// RoleARN is the customer's role that reads the buckets; "" if the queue is
	// Direct, or has Keys.
	RoleARN string `yaml:"role_arn"`
	// ExternalID is what the role's trust policy asks for; "" if nothing.
	ExternalID string `yaml:"external_id"`
	// DLQ is the ARN of the queue's dead-letter queue; the queue's with -dlq
	// behind its name unless set.
	DLQ string `yaml:"dlq"`
	// OperatorARN is the customer's role for Devo's people, to look into the
	// queues and to redrive; "" if there is none.
	OperatorARN string `yaml:"operator_arn"`
	// Make lists what the stacks make: queue, reader and operator; queue and
	// reader unless set, and queue alone if it is Direct. What it leaves out is there already, and synth prints the
	// policy statements for it. A queue in Devo's account is the collector's
	// stack's, all else the customer's.
	Make []string `yaml:"make"`
	// Delivery is how S3 tells the queue: s3, unless set, sns or eventbridge; ""
	// if the queue is Direct.
	Delivery string `yaml:"delivery"`
	// Encryption is of the queue: sqs, unless set, kms for a key that the stack
	// makes, or the ARN of a key.
	Encryption string `yaml:"encryption"`
	// BatchSize is how many messages an invocation has at most, 1 to 10,000; 5
	// unless set. More than 10 need a BatchWindow.
	BatchSize int `yaml:"batch_size"`
	// BatchWindow is how long a batch may be waited for, 0 to 5 minutes.
	BatchWindow time.Duration `yaml:"batch_window"`
	// Concurrency is how many invocations the queue may have at once, 2 to
	// 1,000; 10 unless set.
	Concurrency int `yaml:"concurrency"`
	// Visibility is the queue's visibility timeout, at least 6 times the
	// function's timeout and the window, at most 12 hours; that least unless
	// set. Of a vendor's queue it is how long what watch took is hidden, at least
	// 1 minute, and 30 minutes unless set.
	Visibility time.Duration `yaml:"visibility"`
	// Buckets are the only ones that are ever asked for; at least one, unless
	// the queue is Direct.
	Buckets []Bucket `yaml:"buckets"`
	// SilenceAfter is how long nothing may arrive by this queue before that is an
	// alarm: 5 minutes to 1 day, or 0 for never; that of the Alarms unless set.
	SilenceAfter time.Duration `yaml:"silence_after"`
	// Sources are the active ones, in order, at least one.
	Sources sources.Set `yaml:"sources"`
	// Was are the queues whose place this one takes. They are kept and polled as this
	// one is, until they are taken out of the file; nothing new is sent to them.
	Was []Former `yaml:"was"`
}

// A Former is a queue that another takes the place of, in the same account and
// region.
type Former struct {
	// ARN is the queue's; the file may have its URL instead.
	ARN string `yaml:"arn"`
	// DLQ is the ARN of its dead-letter queue; the queue's with -dlq behind its
	// name unless set.
	DLQ string `yaml:"dlq"`
}

// A Bucket is one of the customer's.
type Bucket struct {
	// Name is the bucket's, not its ARN.
	Name string `yaml:"name"`
	// Owner is the bucket's AWS account; the reader's unless set, and of a
	// vendor's bucket then any.
	Owner string `yaml:"owner"`
	// Region is the deployment's unless set; a vendor's queue's if it has one.
	Region string `yaml:"region"`
	// Prefixes are the only keys the role may read; none means all. Of a listed
	// bucket the folders right below the one prefix are listed, in each of which
	// names must ascend with time.
	Prefixes []string `yaml:"prefixes"`
	// KMSKey is the ARN of the key the objects are encrypted with, if the
	// customer has one for them.
	KMSKey string `yaml:"kms_key"`
	// Make lists what the customer's stack makes: bucket, and trail for a
	// CloudTrail trail into it; nothing unless set: the bucket is there already
	// and remains untouched.
	Make []string `yaml:"make"`
	// Restored has objects taken when they were restored from an archive, GLACIER or
	// DEEP_ARCHIVE, too; false unless set. What was delivered before and is still
	// remembered is not sent again.
	Restored bool `yaml:"restored"`
	// Suffixes are the only ends of keys that S3 tells the queue about; none
	// means all.
	Suffixes []string `yaml:"suffixes"`
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
	c, r := examine(file, data)
	if len(r.mistakes) > 0 {
		return nil, r.mistakes.sorted()
	}
	return c, nil
}

// examine reads the file; its mistakes are the reader's.
func examine(file string, data []byte) (*Config, *reader) {
	r := newReader(file, data)
	c := &Config{
		Timeout:   3 * time.Minute,
		MemoryMiB: 1769,
		Devo: DevoConfig{
			Sink:           "syslog",
			Verify:         "full",
			Heartbeat:      5 * time.Minute,
			ConfirmTimeout: 30 * time.Second,
			ConfirmEvery:   ConfirmEvery{Bytes: 64 << 20, Time: 20 * time.Second},
			Tags:           DefaultTags,
		},
		Ledger:       Ledger{Kind: "dynamodb", Down: "continue", Keep: 35 * day},
		Architecture: "arm64",
		LogRetention: 30 * day,
		Alarms:       Alarms{CertificateDays: 30},
		Dashboard:    true,
	}
	if root := r.root(data); root != nil {
		r.read(root, reflect.ValueOf(c).Elem(), "")
		if !r.unread[""] {
			r.check(c)
		}
		if len(r.mistakes) == 0 {
			r.checkAlike(c)
			r.checkOrder(c)
			r.checkNeeds(c)
			r.checkSizes(c)
		}
	}
	return c, r
}
