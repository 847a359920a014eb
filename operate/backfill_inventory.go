package operate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/parsers"
)

// maxManifest is the size in bytes of the longest manifest that is read.
const maxManifest = 64 << 20

// A manifest is an S3 Inventory's manifest.json.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html
type manifest struct {
	SourceBucket      string `json:"sourceBucket"`
	DestinationBucket string `json:"destinationBucket"` // ARN
	FileFormat        string `json:"fileFormat"`
	FileSchema        string `json:"fileSchema"`
	Files             []struct {
		Key string `json:"key"`
	} `json:"files"`
}

// The columns of an inventory that are read, by their names in CSV, and in
// parquet.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html
var columns = []struct{ csv, parquet string }{
	columnBucket:   {"Bucket", "bucket"},
	columnKey:      {"Key", "key"},
	columnLatest:   {"IsLatest", "is_latest"},
	columnMarker:   {"IsDeleteMarker", "is_delete_marker"},
	columnSize:     {"Size", "size"},
	columnModified: {"LastModifiedDate", "last_modified_date"},
	columnETag:     {"ETag", "e_tag"},
	columnClass:    {"StorageClass", "storage_class"},
}

const (
	columnBucket = iota
	columnKey
	columnLatest
	columnMarker
	columnSize
	columnModified
	columnETag
	columnClass
)

// An inventory is a list of a bucket's objects that S3 wrote.
type inventory struct {
	manifest
	store   delivery.Store
	bucket  string // where its files are
	parser  *parsers.Parser
	at      []int // of each of columns, its place among the Parser's fields; -1 if it is not there
	encoded bool  // keys are URL-encoded
}

func (b *Backfill) readManifest(ctx context.Context, manifestURL string) (*inventory, error) {
	bucket, key, ok := strings.Cut(strings.TrimPrefix(manifestURL, "s3://"), "/")
	if !ok || !IsS3(manifestURL) || path.Base(key) != "manifest.json" {
		return nil, fmt.Errorf("%q is no S3 Inventory; write s3://BUCKET/…/manifest.json", manifestURL)
	}
	x := b.access()
	// S3 writes an inventory only into the region of the bucket that it is of.
	x.Owners, x.Regions = nil, map[string]string{bucket: x.Regions[b.Bucket]}
	inv := &inventory{store: b.Account.Store(x), bucket: bucket}
	body, err := inv.store.Open(ctx, events.Object{Bucket: bucket, Key: key}, 0, -1)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	if err := json.NewDecoder(io.LimitReader(body, maxManifest)).Decode(&inv.manifest); err != nil {
		return nil, fmt.Errorf("%s is no manifest: %w", manifestURL, err)
	}
	if inv.SourceBucket != b.Bucket {
		return nil, fmt.Errorf("%s is the inventory of bucket %s, not of %s", manifestURL, inv.SourceBucket, b.Bucket)
	}
	if err := inv.compile(); err != nil {
		return nil, fmt.Errorf("%s: %w", manifestURL, err)
	}
	if inv.at[columnModified] < 0 && (!b.Since.IsZero() || !b.Until.IsZero()) {
		return nil, fmt.Errorf("%s has no column LastModifiedDate, which --since and --until need; add it to the inventory's configuration", manifestURL)
	}
	return inv, nil
}

// compile makes the parser that the manifest asks for.
func (v *inventory) compile() (err error) {
	spec := parsers.Spec{}
	switch v.FileFormat {
	case "CSV":
		spec.Format, v.encoded = "csv", true
		names := strings.Split(v.FileSchema, ",")
		for i := range names {
			names[i] = strings.TrimSpace(names[i])
		}
		for _, c := range columns {
			v.at = append(v.at, -1)
			if i := slices.Index(names, c.csv); i >= 0 {
				v.at[len(v.at)-1] = len(spec.Fields)
				spec.Fields = append(spec.Fields, strconv.Itoa(i+1))
			}
		}
	case "Parquet":
		spec.Format = "parquet"
		for i, c := range columns {
			v.at = append(v.at, i)
			spec.Fields = append(spec.Fields, c.parquet)
		}
		if !strings.Contains(v.FileSchema, " "+columns[columnModified].parquet) {
			v.at[columnModified] = -1
		}
	case "ORC":
		return errors.New("the inventory is ORC, a format of columns for Hive that nothing else here needs; have it written as CSV or Apache Parquet, or leave --inventory out and the bucket is listed")
	default:
		return fmt.Errorf("file format %q is not known; CSV and Parquet are", v.FileFormat)
	}
	if v.at[columnBucket] < 0 || v.at[columnKey] < 0 {
		return fmt.Errorf("the schema has no bucket and key: %s", v.FileSchema)
	}
	v.parser, err = parsers.Compile(spec)
	return err
}

// objects are the current ones, from behind a place on, "FILE:ROW" from 0.
func (v *inventory) objects(ctx context.Context, after string) iter.Seq2[placed, error] {
	return func(yield func(placed, error) bool) {
		file, row := 0, int64(-1)
		if after != "" {
			if _, err := fmt.Sscanf(after, "%d:%d", &file, &row); err != nil || file < 0 {
				yield(placed{}, fmt.Errorf("%q is no place in an inventory", after))
				return
			}
		}
		for ; file < len(v.Files); file++ {
			for o, err := range v.rows(ctx, file, row) {
				if !yield(o, err) || err != nil {
					return
				}
			}
			row = -1
		}
	}
}

// rows are one file's, from behind a row on.
func (v *inventory) rows(ctx context.Context, file int, after int64) iter.Seq2[placed, error] {
	return func(yield func(placed, error) bool) {
		want := events.Object{Bucket: v.bucket, Key: v.Files[file].Key}
		name := "s3://" + want.Bucket + "/" + want.Key
		body, err := v.store.Open(ctx, want, 0, -1)
		if err != nil {
			yield(placed{}, err)
			return
		}
		want.ETag, want.Size = body.ETag, body.Size
		in := parsers.Input{
			Stream: body,
			Ranged: func() (io.ReaderAt, int64, error) { return delivery.Ranges(ctx, v.store, want), body.Size, nil },
		}
		for rec, err := range v.parser.Records(ctx, in) {
			if err != nil {
				yield(placed{}, fmt.Errorf("%s: %w", name, err))
				return
			}
			if rec.Index <= after || rec.Dropped != "" || len(rec.Raw) == 0 {
				continue
			}
			o, current, err := v.read(rec)
			if err != nil {
				yield(placed{}, fmt.Errorf("%s, row %d: %w", name, rec.Index, err))
				return
			}
			if current && !yield(placed{o, fmt.Sprintf("%d:%d", file, rec.Index)}, nil) {
				return
			}
		}
	}
}

// read is the object of a row, and whether it is its key's current version.
func (v *inventory) read(rec *parsers.Record) (o account.Listed, current bool, err error) {
	if rec.Unparsed != "" {
		return o, false, errors.New(rec.Unparsed)
	}
	value := func(column int) string {
		if i := v.at[column]; i >= 0 {
			return string(rec.Fields[i])
		}
		return ""
	}
	o = account.Listed{Key: value(columnKey), ETag: value(columnETag), Size: -1, Class: value(columnClass)}
	if value(columnBucket) != v.SourceBucket || o.Key == "" {
		return o, false, fmt.Errorf("no object of bucket %s", v.SourceBucket)
	}
	if v.encoded {
		if o.Key, err = url.QueryUnescape(o.Key); err != nil {
			return o, false, err
		}
	}
	if size := value(columnSize); size != "" {
		if o.Size, err = strconv.ParseInt(size, 10, 64); err != nil {
			return o, false, err
		}
	}
	if modified := value(columnModified); modified != "" {
		if o.Modified, err = time.Parse(time.RFC3339, modified); err != nil {
			return o, false, err
		}
	}
	return o, value(columnLatest) != "false" && value(columnMarker) != "true", nil
}
