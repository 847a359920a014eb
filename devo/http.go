package devo

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/devo-s3/collector/delivery"
)

const (
	// gatherLimit is how many bytes of records wait for a request, all tags
	// together. Devo takes 32 MB in one.
	gatherLimit = 1 << 20
	// tagLimit is how many tags may wait at once: a request then carries 1 KiB
	// on average, however many tags there are.
	tagLimit = 1000
	// postLimit is how many requests are under way at once.
	postLimit = 4
)

// A poster is a connection to the HTTP endpoint. A request carries the records
// of one tag, a line each. It belongs to one goroutine at a time, and ends with
// Confirm or Abort.
//
// The token is in the URL: no error shows one.
type poster struct {
	lines     framer // writes to into
	into      *bytes.Buffer
	sink      *Sink
	endpoint  string
	token     string
	transport *http.Transport
	life      context.Context

	waiting  map[string]*bytes.Buffer // by what ends their URL: HOST/TAG
	gathered int                      // bytes in all of them
	err      error                    // the first of a Write
}

var _ delivery.Conn = (*poster)(nil)

func (s *Sink) newPoster(life context.Context, endpoint string, pass *pass) *poster {
	p := &poster{sink: s, life: life, endpoint: endpoint, token: pass.token, waiting: make(map[string]*bytes.Buffer)}
	p.lines = framer{out: newPieces(writer(func(b []byte) (int, error) { return p.into.Write(b) }), packSize), escape: true}
	p.transport = &http.Transport{
		DisableCompression: true, MaxConnsPerHost: postLimit,
		DialTLSContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			_, secure, err := s.secure(ctx, endpoint, pass.tls)
			if err != nil {
				return nil, err // and not a net.Conn of a nil *tls.Conn
			}
			return secure, nil
		},
	}
	return p
}

// Header is what ends the URL of a source's tag.
func (p *poster) Header(source, tag string) []byte {
	b := appendHost(nil, p.sink.ID, source)
	return appendName(append(b, '/'), tag, "-.")
}

// Full reports whether tagLimit other tags wait. Without it, log lines that name
// a tag of their own each would make a request of each line.
func (p *poster) Full(header []byte) bool {
	return len(p.waiting) >= tagLimit && p.waiting[string(header)] == nil
}

// Write copies one record. Whenever 1 MiB waits, it sends half of it and waits
// for the answers. After an error the connection is good for Abort alone.
func (p *poster) Write(header, record []byte) error {
	if p.err != nil {
		return p.err
	}
	if p.into = p.waiting[string(header)]; p.into == nil {
		p.into = new(bytes.Buffer)
		p.waiting[string(header)] = p.into
	}
	before := p.lines.written
	p.err = cmp.Or(p.lines.frame(nil, record), p.lines.out.flush())
	if p.gathered += int(p.lines.written - before); p.gathered >= gatherLimit && p.err == nil {
		p.err = p.makeRoom()
	}
	return p.err
}

// makeRoom sends the tags that have gathered most, until half of the buffer is
// free.
func (p *poster) makeRoom() error {
	most := slices.SortedFunc(maps.Keys(p.waiting), func(a, b string) int {
		return cmp.Compare(p.waiting[b].Len(), p.waiting[a].Len())
	})
	n, left := 0, p.gathered
	for ; left > gatherLimit/2; n++ {
		left -= p.waiting[most[n]].Len()
	}
	err := p.send(p.life, most[:n])
	for _, header := range most[:n] {
		delete(p.waiting, header)
	}
	p.gathered = left
	return err
}

// Confirm sends what is left. nil means that Devo answered every request with a
// status of 2xx: it accepted the bytes, and "this does not mean the request is
// completed yet", as its documentation says. Kinds are as Conn.Confirm's.
func (p *poster) Confirm(ctx context.Context) error {
	began := time.Now()
	err := p.err
	if err == nil {
		err = p.send(ctx, slices.Collect(maps.Keys(p.waiting)))
	}
	p.transport.CloseIdleConnections()
	p.sink.Ended(Attempt{Confirmed: err == nil, Bytes: p.lines.written, Confirming: time.Since(began)})
	switch {
	case err == nil:
		p.sink.standing.worked(p.endpoint)
	case !delivery.Expired(ctx) && !delivery.Expired(p.life):
		p.sink.standing.failed(p.endpoint, p.sink.now())
	}
	return err
}

// send sends the records of these tags, postLimit requests at once, and waits
// for all answers. It begins no request after one that failed.
func (p *poster) send(ctx context.Context, headers []string) error {
	errs := make([]error, len(headers))
	slots := make(chan struct{}, postLimit)
	var failed atomic.Bool
	var all sync.WaitGroup
	for i, header := range headers {
		slots <- struct{}{}
		if failed.Load() {
			break
		}
		all.Go(func() {
			if errs[i] = p.post(ctx, header, p.waiting[header]); errs[i] != nil {
				failed.Store(true)
			}
			<-slots
		})
	}
	all.Wait()
	return cmp.Or(errs...)
}

// Written is the number of bytes of lines so far.
func (p *poster) Written() int64 { return p.lines.written }

// Abort drops what was not sent. What was may be with Devo.
func (p *poster) Abort() {
	p.transport.CloseIdleConnections()
	p.sink.Ended(Attempt{Bytes: p.lines.written})
}

// post sends one request and waits for its answer, ConfirmTimeout at most.
func (p *poster) post(ctx context.Context, header string, body *bytes.Buffer) error {
	ctx, cancel := context.WithTimeout(ctx, p.sink.ConfirmTimeout)
	defer cancel()
	status, err := p.request(ctx, header, body)
	kind := delivery.DevoUnavailable
	switch {
	case err == nil && status/100 == 2:
		return nil
	case delivery.Expired(ctx):
		kind, err = delivery.Unconfirmable, errors.New("no answer in time")
	case err != nil:
		// A far end that speaks no HTTP may echo the request, and net/http
		// quotes what it does not understand.
		err = errors.New(strings.ReplaceAll(err.Error(), p.token, "…"))
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		kind, err = delivery.DevoRefused, errRefused
		p.sink.doubt()
	default:
		err = fmt.Errorf("answered %d %s", status, http.StatusText(status))
	}
	return delivery.Fail(kind, "%s: post %s: %w", p.endpoint, header, err)
}

// request is not a Client's: it follows no redirect, which would take the token
// and the records elsewhere, and its errors have no URL.
// https://devodocs.atlassian.net/wiki/spaces/latest/pages/94658823
func (p *poster) request(ctx context.Context, header string, body *bytes.Buffer) (status int, err error) {
	if p.sink.Gzip {
		if body, err = zipped(body); err != nil {
			return 0, err
		}
	}
	to := "https://" + p.endpoint + "/stream/" + url.PathEscape(p.sink.Domain) + "/token!" + p.token + "/" + header
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, body)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "text/plain; charset=utf-8")
	if p.sink.Gzip {
		r.Header.Set("Content-Encoding", "gzip")
	}
	answer, err := p.transport.RoundTrip(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	// What it says is of no use: it may quote the request.
	_, err = io.CopyN(io.Discard, answer.Body, 64<<10)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	return answer.StatusCode, nil
}

func zipped(body *bytes.Buffer) (*bytes.Buffer, error) {
	packed := new(bytes.Buffer)
	z := gzip.NewWriter(packed)
	_, err := body.WriteTo(z)
	return packed, cmp.Or(err, z.Close())
}
