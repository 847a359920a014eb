package local

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/rclone/gofakes3"
)

// s3Store keeps buckets and every version of their objects in memory: the
// backend of gofakes3, which speaks S3's protocol. gofakes3's own in-memory
// backend loses the versions below a deleted one, and cannot say what an
// event must.
type s3Store struct {
	clock    *Clock
	announce func(*s3Bucket, *s3Object) error // tells the bucket's queues of a change

	mu        sync.RWMutex
	buckets   map[string]*s3Bucket
	sequencer uint64 // of the last event
}

var (
	_ gofakes3.Backend              = (*s3Store)(nil)
	_ gofakes3.VersionedBackend     = (*s3Store)(nil)
	_ gofakes3.ObjectTaggingBackend = (*s3Store)(nil)
)

type s3Bucket struct {
	name, owner, region string
	created             time.Time
	versioning          gofakes3.VersioningStatus
	objects             map[string][]*s3Object // by key; oldest version first, never empty
	ownership, kmsKey   string                 // as in BucketOptions
	notifications       []Notification
	ways                []Notification // every one that Notify made, in force or not
}

// An s3Object is one version of an object, or a delete marker. Once stored it
// never changes.
type s3Object struct {
	key       string
	version   string // "" = the null version
	marker    bool
	body      []byte
	hash      []byte // MD5 of body: the eTag
	meta      map[string]string
	modified  time.Time
	sequencer uint64
	origin    origin
	restored  time.Time // until when it can be read although it is archived; zero: it cannot
}

func (o *s3Object) eTag() string { return hex.EncodeToString(o.hash) }

// origin is what a request says about the change that it makes.
type origin struct {
	who        caller
	event      string // ObjectCreated:Put
	address    string // the client's
	encryption map[string]string
}

type originKey struct{}

func originOf(ctx context.Context) origin {
	var o origin
	if p, ok := ctx.Value(originKey{}).(*origin); ok {
		o = *p
	}
	o.event = cmp.Or(o.event, "ObjectCreated:Put")
	o.address = cmp.Or(o.address, "127.0.0.1")
	return o
}

func (s *s3Store) bucket(name string) *s3Bucket {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.buckets[name]
}

// look finds a version, delete markers included; version "" is the current one.
func (s *s3Store) look(bucket, key, version string) *s3Object {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b := s.buckets[bucket]
	if b == nil || len(b.objects[key]) == 0 {
		return nil
	}
	versions := b.objects[key]
	if version == "" {
		return versions[len(versions)-1]
	}
	at := slices.IndexFunc(versions, func(o *s3Object) bool { return o.id() == version })
	if at < 0 {
		return nil
	}
	return versions[at]
}

// id is the version id as S3 shows it.
func (o *s3Object) id() string { return cmp.Or(o.version, "null") }

func (s *s3Store) ListBuckets(context.Context) ([]gofakes3.BucketInfo, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var list []gofakes3.BucketInfo
	for _, name := range slices.Sorted(maps.Keys(s.buckets)) {
		list = append(list, gofakes3.BucketInfo{Name: name, CreationDate: gofakes3.NewContentTime(s.buckets[name].created)})
	}
	return list, nil
}

func (s *s3Store) CreateBucket(ctx context.Context, name string) error {
	who := originOf(ctx).who
	return s.create(name, who.Account, who.Region)
}

func (s *s3Store) create(name, owner, region string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.buckets[name] != nil {
		return gofakes3.ResourceError(gofakes3.ErrBucketAlreadyExists, name)
	}
	s.buckets[name] = &s3Bucket{
		name: name, owner: owner, region: region,
		created: s.clock.Now(), objects: map[string][]*s3Object{},
	}
	return nil
}

func (s *s3Store) BucketExists(_ context.Context, name string) (bool, error) {
	return s.bucket(name) != nil, nil
}

func (s *s3Store) DeleteBucket(_ context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch b := s.buckets[name]; {
	case b == nil:
		return gofakes3.BucketNotFound(name)
	case len(b.objects) > 0:
		return gofakes3.ResourceError(gofakes3.ErrBucketNotEmpty, name)
	}
	delete(s.buckets, name)
	return nil
}

func (s *s3Store) HeadObject(_ context.Context, bucket, key string) (*gofakes3.Object, error) {
	return s.get(bucket, key, "", nil)
}

func (s *s3Store) GetObject(_ context.Context, bucket, key string, part *gofakes3.ObjectRangeRequest) (*gofakes3.Object, error) {
	return s.get(bucket, key, "", part)
}

func (s *s3Store) HeadObjectVersion(bucket, key string, version gofakes3.VersionID) (*gofakes3.Object, error) {
	return s.get(bucket, key, string(version), nil)
}

func (s *s3Store) GetObjectVersion(bucket, key string, version gofakes3.VersionID, part *gofakes3.ObjectRangeRequest) (*gofakes3.Object, error) {
	return s.get(bucket, key, string(version), part)
}

func (s *s3Store) get(bucket, key, version string, part *gofakes3.ObjectRangeRequest) (*gofakes3.Object, error) {
	o := s.look(bucket, key, version)
	if o == nil || o.marker {
		if s.bucket(bucket) == nil {
			return nil, gofakes3.BucketNotFound(bucket)
		}
		return nil, gofakes3.KeyNotFound(key)
	}
	size := int64(len(o.body))
	within, err := part.Range(size)
	if err != nil {
		return nil, err
	}
	body := o.body
	if within != nil {
		body = body[within.Start : within.Start+within.Length]
	}
	return &gofakes3.Object{
		Name: key, Metadata: o.meta, Size: size, Hash: o.hash, Range: within,
		Contents: io.NopCloser(bytes.NewReader(body)), VersionID: gofakes3.VersionID(o.version),
	}, nil
}

func (s *s3Store) PutObject(ctx context.Context, bucket, key string, meta map[string]string, in io.Reader, size int64) (gofakes3.PutObjectResult, error) {
	// The body comes as slowly as the client likes: it is read outside the lock.
	body, err := gofakes3.ReadAll(in, size)
	if err != nil {
		return gofakes3.PutObjectResult{}, err
	}
	o, err := s.put(ctx, bucket, key, meta, body)
	if err != nil {
		return gofakes3.PutObjectResult{}, err
	}
	return gofakes3.PutObjectResult{VersionID: gofakes3.VersionID(o.version), ETag: `"` + o.eTag() + `"`}, nil
}

func (s *s3Store) put(ctx context.Context, bucket, key string, meta map[string]string, body []byte) (*s3Object, error) {
	b, o, err := s.store(ctx, bucket, key, meta, body)
	if err != nil {
		return nil, err
	}
	return o, s.announce(b, o)
}

// store is put, and tells nobody.
func (s *s3Store) store(ctx context.Context, bucket, key string, meta map[string]string, body []byte) (*s3Bucket, *s3Object, error) {
	hash := md5.Sum(body)
	o := &s3Object{key: key, body: body, hash: hash[:], meta: maps.Clone(meta), modified: s.clock.Now(), origin: originOf(ctx)}
	if o.meta == nil {
		o.meta = map[string]string{}
	}
	maps.Copy(o.meta, o.origin.encryption)
	o.meta["Last-Modified"] = o.modified.UTC().Format(http.TimeFormat)
	b, err := s.change(ctx, bucket, o)
	return b, o, err
}

// change makes o, an object or a delete marker, the current version of its key.
func (s *s3Store) change(ctx context.Context, bucket string, o *s3Object) (*s3Bucket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[bucket]
	if b == nil {
		return nil, gofakes3.BucketNotFound(bucket)
	}
	if old := b.objects[o.key]; len(old) > 0 {
		if err := gofakes3.CheckWriteConditions(ctx, !old[len(old)-1].marker, `"`+old[len(old)-1].eTag()+`"`); err != nil {
			return nil, err
		}
	}
	if b.versioning == gofakes3.VersioningEnabled {
		o.version = rand.Text()
	}
	o.sequencer = s.nextSequencer()
	b.remove(o.key, o.version) // only a null version can be there
	b.objects[o.key] = append(b.objects[o.key], o)
	return b, nil
}

// remove takes a version away, if it is there.
func (b *s3Bucket) remove(key, version string) *s3Object {
	versions := b.objects[key]
	at := slices.IndexFunc(versions, func(o *s3Object) bool { return o.version == version })
	if at < 0 {
		return nil
	}
	gone := versions[at]
	// A fresh slice: an older one may be in a reader's hands.
	b.objects[key] = slices.Concat(versions[:at], versions[at+1:])
	if len(b.objects[key]) == 0 {
		delete(b.objects, key)
	}
	return gone
}

// nextSequencer grows with every change, and with time.
func (s *s3Store) nextSequencer() uint64 {
	s.sequencer = max(s.sequencer+1, uint64(s.clock.Now().UnixNano()))
	return s.sequencer
}

func (s *s3Store) CopyObject(ctx context.Context, fromBucket, fromKey, bucket, key string, meta map[string]string) (gofakes3.CopyObjectResult, error) {
	source := s.look(fromBucket, fromKey, "")
	if source == nil || source.marker {
		return gofakes3.CopyObjectResult{}, gofakes3.KeyNotFound(fromKey)
	}
	from := originOf(ctx)
	from.event = "ObjectCreated:Copy"
	o, err := s.put(context.WithValue(ctx, originKey{}, &from), bucket, key, meta, source.body)
	if err != nil {
		return gofakes3.CopyObjectResult{}, err
	}
	return gofakes3.CopyObjectResult{ETag: `"` + o.eTag() + `"`, LastModified: gofakes3.NewContentTime(o.modified)}, nil
}

func (s *s3Store) DeleteObject(ctx context.Context, bucket, key string) (gofakes3.ObjectDeleteResult, error) {
	b := s.bucket(bucket)
	if b == nil {
		return gofakes3.ObjectDeleteResult{}, gofakes3.BucketNotFound(bucket)
	}
	if s.status(b) == gofakes3.VersioningNone {
		return s.erase(ctx, b, key, "")
	}
	marker := &s3Object{key: key, marker: true, modified: s.clock.Now(), origin: originOf(ctx)}
	marker.origin.event = "ObjectRemoved:DeleteMarkerCreated"
	if _, err := s.change(ctx, bucket, marker); err != nil {
		return gofakes3.ObjectDeleteResult{}, err
	}
	return gofakes3.ObjectDeleteResult{IsDeleteMarker: true, VersionID: gofakes3.VersionID(marker.version)}, s.announce(b, marker)
}

func (s *s3Store) DeleteObjectVersion(bucket, key string, version gofakes3.VersionID) (gofakes3.ObjectDeleteResult, error) {
	b := s.bucket(bucket)
	if b == nil {
		return gofakes3.ObjectDeleteResult{}, gofakes3.BucketNotFound(bucket)
	}
	return s.erase(context.Background(), b, key, string(version))
}

// erase removes one version for good. What is not there is not an error, nor
// an event.
func (s *s3Store) erase(ctx context.Context, b *s3Bucket, key, version string) (gofakes3.ObjectDeleteResult, error) {
	s.mu.Lock()
	gone := b.remove(key, version)
	sequencer := s.nextSequencer()
	s.mu.Unlock()
	if gone == nil {
		return gofakes3.ObjectDeleteResult{}, nil
	}
	removed := &s3Object{key: key, version: gone.version, modified: s.clock.Now(), sequencer: sequencer, origin: originOf(ctx)}
	removed.origin.event = "ObjectRemoved:Delete"
	return gofakes3.ObjectDeleteResult{IsDeleteMarker: gone.marker, VersionID: gofakes3.VersionID(gone.version)}, s.announce(b, removed)
}

func (s *s3Store) DeleteMulti(ctx context.Context, bucket string, keys ...string) (gofakes3.MultiDeleteResult, error) {
	var out gofakes3.MultiDeleteResult
	for _, key := range keys {
		if _, err := s.DeleteObject(ctx, bucket, key); err != nil {
			return out, fmt.Errorf("delete %s: %w", key, err)
		}
		out.Deleted = append(out.Deleted, gofakes3.ObjectID{Key: key})
	}
	return out, nil
}

func (s *s3Store) status(b *s3Bucket) gofakes3.VersioningStatus {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return b.versioning
}

func (s *s3Store) VersioningConfiguration(bucket string) (gofakes3.VersioningConfiguration, error) {
	b := s.bucket(bucket)
	if b == nil {
		return gofakes3.VersioningConfiguration{}, gofakes3.BucketNotFound(bucket)
	}
	return gofakes3.VersioningConfiguration{Status: s.status(b)}, nil
}

func (s *s3Store) SetVersioningConfiguration(bucket string, v gofakes3.VersioningConfiguration) error {
	b := s.bucket(bucket)
	if b == nil {
		return gofakes3.BucketNotFound(bucket)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b.versioning = v.Status
	return nil
}

func (s *s3Store) SetObjectTagging(_ context.Context, bucket, key, tags string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[bucket]
	if b == nil {
		return gofakes3.BucketNotFound(bucket)
	}
	versions := b.objects[key]
	if len(versions) == 0 || versions[len(versions)-1].marker {
		return gofakes3.KeyNotFound(key)
	}
	tagged := *versions[len(versions)-1]
	tagged.meta = maps.Clone(tagged.meta)
	tagged.meta[gofakes3.TaggingMetadataKey] = tags
	b.objects[key] = append(slices.Clone(versions[:len(versions)-1]), &tagged)
	return nil
}
