package local

import (
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"time"

	"github.com/rclone/gofakes3"
)

// Restore makes the archived current object readable, whose storage class stays
// what it is, and notifies as S3 does when a restore has ended.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html
func (a *Account) Restore(bucket, key string, until time.Time) error {
	restored, err := a.s3.store.restore(bucket, key, until)
	if err != nil {
		return fmt.Errorf("restore s3://%s/%s: %w", bucket, key, err)
	}
	return a.s3.announce(a.s3.store.bucket(bucket), restored)
}

// restore returns what is to be announced.
func (s *s3Store) restore(bucket, key string, until time.Time) (*s3Object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[bucket]
	if b == nil {
		return nil, gofakes3.BucketNotFound(bucket)
	}
	versions := b.objects[key]
	if len(versions) == 0 || versions[len(versions)-1].marker {
		return nil, gofakes3.KeyNotFound(key)
	}
	restored := *versions[len(versions)-1]
	restored.restored = until
	b.objects[key] = append(slices.Clone(versions[:len(versions)-1]), &restored)
	told := restored
	told.origin.event, told.modified, told.sequencer = "ObjectRestore:Completed", s.clock.Now(), s.nextSequencer()
	return &told, nil
}

var listedKey = regexp.MustCompile(`(?s)<Contents>\s*<Key>([^<]*)</Key>.*?</Contents>`)

// listRestored answers ListObjectsV2 as gofakes3 does, with the status of what was
// restored, which gofakes3 does not know.
func (s *s3Service) listRestored(w http.ResponseWriter, r *http.Request, bucket string) {
	answer := httptest.NewRecorder()
	s.protocol.ServeHTTP(answer, r)
	body := listedKey.ReplaceAllStringFunc(answer.Body.String(), func(contents string) string {
		key := html.UnescapeString(listedKey.FindStringSubmatch(contents)[1])
		if r.URL.Query().Get("encoding-type") == "url" {
			key, _ = url.QueryUnescape(key) // gofakes3 has escaped it
		}
		o := s.store.look(bucket, key, "")
		if o == nil || o.restored.IsZero() {
			return contents
		}
		return contents[:len(contents)-len("</Contents>")] + "<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress><RestoreExpiryDate>" +
			o.restored.UTC().Format(milliseconds) + "</RestoreExpiryDate></RestoreStatus></Contents>"
	})
	maps.Copy(w.Header(), answer.Header())
	w.Header().Del("Content-Length")
	w.WriteHeader(answer.Code)
	_, _ = w.Write([]byte(body)) // a client that went away misses nothing
}
