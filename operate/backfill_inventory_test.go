package operate

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/devo-s3/collector/internal/emulated"
	"github.com/devo-s3/collector/local"
)

// inventoried is a bucket and a place for its inventory.
func inventoried(t *testing.T) (Operator, *local.Account) {
	t.Helper()
	a, acct := emulated.Start(t, local.Options{ID: "999988887777"})
	if err := a.CreateBucket("inventories", local.BucketOptions{}); err != nil {
		t.Fatal(err)
	}
	return Operator{acme(t), acct}, a
}

const manifestURL = "s3://inventories/acme-logs/daily/2026-11-23T01-00Z/manifest.json"

func putFile(t *testing.T, a *local.Account, key string, body []byte) {
	t.Helper()
	if err := a.Put("inventories", key, body); err != nil {
		t.Fatal(err)
	}
}

func putManifest(t *testing.T, a *local.Account, format, schema string, files ...string) {
	t.Helper()
	var list []string
	for _, f := range files {
		list = append(list, fmt.Sprintf(`{"key":%q,"size":1,"MD5checksum":"0"}`, f))
	}
	putFile(t, a, strings.TrimPrefix(manifestURL, "s3://inventories/"), fmt.Appendf(nil,
		`{"sourceBucket":"acme-logs","destinationBucket":"arn:aws:s3:::inventories","version":"2016-11-30","creationTimestamp":"1795395600000","fileFormat":%q,"fileSchema":%q,"files":[%s]}`,
		format, schema, strings.Join(list, ",")))
}

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type inventoryRow struct {
	Bucket   string    `parquet:"bucket"`
	Key      string    `parquet:"key"`
	Latest   bool      `parquet:"is_latest"`
	Marker   bool      `parquet:"is_delete_marker"`
	Size     *int64    `parquet:"size,optional"`
	Modified time.Time `parquet:"last_modified_date,timestamp(millisecond)"`
	ETag     string    `parquet:"e_tag,optional"`
}

const csvSchema = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass"

// The same objects from CSV and from parquet, over more than one file, the older
// versions and the delete markers left out.
func TestInventory(t *testing.T) {
	o, a := inventoried(t)
	size := int64(7)
	modified := time.Date(2026, 11, 22, 5, 0, 12, 0, time.UTC)
	var rows bytes.Buffer
	if err := parquet.Write(&rows, []inventoryRow{
		{"acme-logs", "app/a b+c.log", true, false, &size, modified, "0123"},
		{"acme-logs", "app/old.log", false, false, &size, modified, "0123"},
		{"acme-logs", "app/gone.log", true, true, nil, modified, ""},
	}); err != nil {
		t.Fatal(err)
	}
	var last bytes.Buffer
	if err := parquet.Write(&last, []inventoryRow{{"acme-logs", "app/d.log", true, false, &size, modified, "4567"}}); err != nil {
		t.Fatal(err)
	}
	putFile(t, a, "1.parquet", rows.Bytes())
	putFile(t, a, "2.parquet", last.Bytes())
	row := func(key, latest, marker, size, eTag string) string {
		return fmt.Sprintf(`"acme-logs","%s","v1","%s","%s","%s","2026-11-22T05:00:12.000Z","%s","STANDARD"`+"\n", key, latest, marker, size, eTag)
	}
	putFile(t, a, "1.csv.gz", zipped(t, row("app/a+b%2Bc.log", "true", "false", "7", "0123")+row("app/old.log", "false", "false", "7", "0123")+row("app/gone.log", "true", "true", "", "")))
	putFile(t, a, "2.csv.gz", zipped(t, row("app/d.log", "true", "false", "7", "4567")))
	for _, tt := range []struct{ format, schema, suffix string }{
		{"CSV", csvSchema, ".csv.gz"},
		{"Parquet", "message s3.inventory { required binary bucket (STRING); required binary key (STRING); optional int64 last_modified_date (TIMESTAMP(MILLIS,true)); }", ".parquet"},
	} {
		t.Run(tt.format, func(t *testing.T) {
			putManifest(t, a, tt.format, tt.schema, "1"+tt.suffix, "2"+tt.suffix)
			b, err := NewBackfill(t.Context(), o, Choice{Bucket: "acme-logs", Since: modified.Add(-time.Hour)}, manifestURL)
			if err != nil {
				t.Fatal(err)
			}
			for _, from := range []struct {
				after string
				want  []string
			}{{"", []string{"app/a b+c.log 0123 0:0", "app/d.log 4567 1:0"}}, {"0:0", []string{"app/d.log 4567 1:0"}}, {"1:0", nil}} {
				var got []string
				for o, err := range b.objects(t.Context(), from.after) {
					if err != nil {
						t.Fatal(err)
					}
					if o.Size != 7 || !o.Modified.Equal(modified) {
						t.Errorf("%+v", o)
					}
					got = append(got, o.Key+" "+o.ETag+" "+o.place)
				}
				if !slices.Equal(got, from.want) {
					t.Errorf("after %q: %q, want %q", from.after, got, from.want)
				}
			}
			plan, err := b.Plan(t.Context(), 1, func(int64) {})
			if err != nil || plan.Objects != 2 || plan.Bytes != 14 {
				t.Errorf("%+v, %v", plan, err)
			}
		})
	}
}

func TestInventoryRefused(t *testing.T) {
	o, a := inventoried(t)
	putFile(t, a, "short.csv.gz", zipped(t, `"acme-logs","a.log"`+"\n")[:20])
	putFile(t, a, "foreign.csv.gz", zipped(t, `"other","a.log"`+"\n"))
	putFile(t, a, "quote.csv.gz", zipped(t, `"acme-logs","a"b"`+"\n"))
	putFile(t, a, "key.csv.gz", zipped(t, `"acme-logs","%zz"`+"\n"))
	for _, tt := range []struct{ format, schema, file, want string }{
		{"ORC", "struct<bucket:string>", "x.orc", "the inventory is ORC"},
		{"XML", "", "x.xml", `file format "XML" is not known`},
		{"CSV", "Key, Size", "x.csv", "no bucket and key"},
		{"CSV", "Bucket, Key", "short.csv.gz", "s3://inventories/short.csv.gz: corrupt"},
		{"CSV", "Bucket, Key", "foreign.csv.gz", "row 0: no object of bucket acme-logs"},
		{"CSV", "Bucket, Key", "quote.csv.gz", "row 0: misplaced quote"},
		{"CSV", "Bucket, Key", "key.csv.gz", "row 0: invalid URL escape"},
		{"CSV", "Bucket, Key", "none.csv.gz", "not_found: get s3://inventories/none.csv.gz"},
	} {
		t.Run(tt.want, func(t *testing.T) {
			putManifest(t, a, tt.format, tt.schema, tt.file)
			b, err := NewBackfill(t.Context(), o, Choice{Bucket: "acme-logs"}, manifestURL)
			if err == nil {
				_, err = b.Plan(t.Context(), 1, func(int64) {})
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
	putManifest(t, a, "CSV", "Bucket, Key")
	for _, tt := range []struct {
		choice Choice
		want   string
	}{
		{Choice{Bucket: "acme-logs", Since: time.Now()}, "has no column LastModifiedDate"},
	} {
		if _, err := NewBackfill(t.Context(), o, tt.choice, manifestURL); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v, want %s", err, tt.want)
		}
	}
	putFile(t, a, strings.TrimPrefix(manifestURL, "s3://inventories/"), []byte(`{"sourceBucket":"other"}`))
	if _, err := NewBackfill(t.Context(), o, Choice{Bucket: "acme-logs"}, manifestURL); err == nil || !strings.Contains(err.Error(), "the inventory of bucket other") {
		t.Error(err)
	}
}
