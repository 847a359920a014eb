package sources

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/devo-s3/collector/parsers"
)

// A Definition is a source as written down, in the catalog or in a
// deployment's file. Compile checks it.
type Definition struct {
	// Name is in the host of every frame and in the log: a lower-case letter,
	// then up to 63 of a-z, 0-9 and _.
	Name string `yaml:"name"`
	// Title is for people.
	Title string `yaml:"title"`
	// Spec is the URL of the publisher's description of format and keys.
	Spec string `yaml:"spec"`
	// Setup tells how the publisher is made to write to S3: a sentence or two.
	Setup string `yaml:"setup"`
	// Asks are the keys of this entry that each customer decides, such as keys
	// where the folder is the customer's choice; `collector init` asks for them.
	Asks []string `yaml:"asks"`
	// Needs are what the publisher needs of its bucket to write there: NeedsACLs,
	// NeedsSSES3.
	Needs []string `yaml:"needs"`
	// Table says what is known of Devo's table for the tag: confirmed, inferred
	// or unknown; "" counts as unknown.
	Table string `yaml:"table"`
	// Services are the names of other entries of the catalog that this one stands
	// for, where several write to one bucket: each has its own keys, in this order.
	// All that follows is then theirs and left out here.
	Services []string `yaml:"services"`
	// Keys are the patterns of the source's keys; one must match.
	//
	// A pattern matches from any / boundary, or the key's start, to the key's
	// end. * stands for any characters within a segment, ** for any at all, and
	// **/ for any number of segments, none included; {name} captures one or
	// more characters within a segment, as few as will do. What that cannot say
	// is said by "regexp:" and an RE2 expression (https://github.com/google/re2/wiki/Syntax),
	// which captures with (?P<name>…).
	Keys []string `yaml:"keys"`
	// Except are patterns of keys that are not the source's in spite of all that
	// follows, because another's look the same.
	Except []string `yaml:"except"`
	// Ignore are patterns of keys, asked before Keys, that hold nothing to
	// collect.
	Ignore []string `yaml:"ignore"`
	// Refuse are keys, asked before Keys, that are the source's and that it cannot
	// read.
	Refuse []Refusal `yaml:"refuse"`
	// Format is the parser's, one of parsers.Formats.
	Format string `yaml:"format"`
	// Options are the format's own; nil means its defaults.
	Options parsers.Options `yaml:"options"`
	// Preamble is the text header that the publisher puts in front of each object,
	// which may be packed behind it.
	Preamble *parsers.Preamble `yaml:"preamble"`
	// Tag is the template of the records' tags: two or more levels of
	// [A-Za-z0-9_-], joined by dots, with placeholders such as
	// {record.awsRegion,key.region|lower|default:none}.
	//
	// A placeholder has one or more origins; the first that is there and not
	// empty is its value: key.NAME, a capture that every pattern of Keys makes;
	// record.PATH, a field of the record; object.bucket, .key, .region or
	// .version. Then the filters, in order: lower (ASCII), trim:SUFFIX,
	// replace:OLD:NEW (everywhere), default:VALUE (for an empty one). Of a
	// value the first 1,024 bytes are read and the first 64 of the result kept;
	// every byte outside a level's alphabet becomes _, and an empty value
	// unknown: a template's number of levels is every tag's.
	Tag string `yaml:"tag"`
	// Routings are templates to choose from by name in place of Tag.
	Routings map[string]string `yaml:"routings"`
	// Routing is the name of the one to use; "" is Tag.
	Routing string `yaml:"routing"`
	// Routes give tags to records in place of Tag or Routing's: the first that
	// decides about a record does.
	Routes []Route `yaml:"routes"`
	// Filters are asked in order: a record must pass each. Unparsed records are
	// not filtered.
	Filters []Rule `yaml:"filters"`
	// Redact is what of a JSON record is not sent.
	Redact Redact `yaml:"redact"`
	// MinLevels is how many levels Devo needs to find the tag's table; 0 is 2.
	MinLevels int `yaml:"min_levels"`
	// MaxRecord is the longest record; 0 is parsers.DefaultMaxRecord.
	MaxRecord Bytes `yaml:"max_record"`
	// MaxWindow is how much memory the window of zstd or xz may take, up to 2
	// GiB; 0 is 8 MiB. An object that wants more is corrupt.
	MaxWindow Bytes `yaml:"max_window"`
	// MaxRatio is how many bytes of records one stored byte may become, up to
	// 1,000,000; 0 is 2,000. An object that goes beyond it, and beyond 64 MiB in
	// all, is corrupt: raise it for files that repeat themselves so much.
	MaxRatio int `yaml:"max_ratio"`
	// Oversize is what happens to a longer one: cut (the default) or fail.
	Oversize string `yaml:"oversize"`
	// Detect says what the source's records look like, for `collector try --detect`.
	Detect Detect `yaml:"detect"`
}

// What a publisher may need of its bucket.
const (
	// NeedsACLs is an Object Ownership other than BucketOwnerEnforced, which has no
	// ACLs. https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
	NeedsACLs = "acls"
	// NeedsSSES3 is default encryption without a key of KMS.
	NeedsSSES3 = "sse_s3"
)

// A Refusal says of some keys why their objects cannot be read. A message that
// names one fails for good.
type Refusal struct {
	// Keys are patterns like Definition.Keys.
	Keys []string `yaml:"keys"`
	// Reason is what cannot be read and how it is mended, for people:
	// "ORC is not read; let the inventory be written as CSV or Parquet".
	Reason string `yaml:"reason"`
}

// Bytes is a number of bytes. It is written as a whole number and B, KiB, MiB
// or GiB, such as 64MiB.
type Bytes int64

var byteUnits = map[string]int64{"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *Bytes) UnmarshalText(text []byte) error {
	digits := strings.TrimRight(string(text), "BKMGi")
	unit := byteUnits[string(text[len(digits):])]
	n, err := strconv.ParseUint(digits, 10, 63)
	if err != nil || unit == 0 || int64(n) > math.MaxInt64/unit {
		return fmt.Errorf("%q is no number of bytes; write it like 64MiB (or B, KiB, GiB)", text)
	}
	*b = Bytes(int64(n) * unit)
	return nil
}
