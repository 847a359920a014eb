package delivery

import (
	"cmp"
	"errors"
	"io"
	"time"

	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

// A copier carries one object's records onto a lane: the hot path.
type copier struct {
	*run
	l      *lane
	o      *object
	source string
	shaper *sources.Shaper
	static []byte // the tag, where it is the same for every record; else nil

	s       *span  // on the connection in use; nil before the first record there
	header  []byte // of static, on that connection
	loose   Counts // of records left out while there was no span
	next    int64  // Index after the last record dealt with
	restart parsers.Restart
}

// copy brings every record from the confirmed position on onto the lane. The
// error is the connection's; the object's own stays with the object.
func (r *run) copy(l *lane, o *object, b *body) (broken *Error) {
	c := &copier{
		run: r, l: l, o: o, source: o.match.Source.Name(),
		shaper: o.match.Shaper(sources.Object{
			Bucket: o.id.Bucket, Key: o.id.Key, Region: o.want.Region, VersionID: o.want.VersionID,
		}),
		next: o.pos.Next, restart: o.pos.Restart,
	}
	if tag, ok := c.shaper.Static(); ok {
		c.static = []byte(tag)
	}
	whole := false
	defer func() {
		c.finish(whole)
		o.read += b.read
	}()

	from, begun := c.next, time.Now()
	var steps, bytes int
	in := parsers.Input{Stream: b, Restart: c.restart, ContentEncoding: o.coding, Idle: c.idle, Ranged: func() (io.ReaderAt, int64, error) {
		return b.ranges(r.stop), o.want.Size, nil
	}}
	stop := func(err error) {
		o.stopWith(c.end(err, from > in.Restart.Index && c.next == from, time.Since(begun)))
	}
	for rec, err := range o.match.Source.Parser().Records(r.stop, in) {
		if err != nil {
			stop(err)
			return nil
		}
		if rec.Restart != nil {
			c.restart = *rec.Restart
		}
		if o.halt.Load() {
			return nil
		}
		steps, bytes = steps+1, bytes+len(rec.Raw)
		if steps >= 256 || bytes >= 256<<10 {
			steps, bytes = 0, 0
			o.dealt.Store(rec.Index)
			// The parser looks at it when it wants more bytes, and one block of
			// them may be all there are.
			if Expired(r.stop) {
				stop(stopped)
				return nil
			}
			if l.due() {
				c.rotate()
			}
		}
		if rec.Index < from {
			continue
		}
		if err := c.record(rec); err != nil {
			return err
		}
		c.next = rec.Index + 1
	}
	whole = true
	return nil
}

// record deals with one record.
func (c *copier) record(rec *parsers.Record) *Error {
	switch {
	case rec.Dropped != "":
		n := c.counts()
		n.Dropped++
		if rec.Foreign {
			n.Foreign++
		}
		return nil
	case blank(rec.Raw):
		c.counts().Blank++
		return nil
	}
	raw, rule := c.shaper.Shape(rec)
	if rule != "" {
		c.counts().filtered(rule, 1)
		return nil
	}
	if c.s == nil {
		s, err := c.l.begin(c.o)
		if err != nil {
			c.o.stopWith(err)
			return err
		}
		c.s, s.counts, c.loose = s, c.loose, Counts{}
		if c.static != nil {
			c.header = c.l.header(c.source, c.static)
		}
	}
	n := &c.s.counts
	header := c.header
	switch {
	case rec.Unparsed != "":
		header = c.l.header(c.source, []byte(c.Unparsed))
		n.Unparsed++
	case c.static == nil:
		header = c.routed(rec)
	}
	c.o.sent++
	if err := c.l.conn.Write(header, raw); err != nil {
		c.s = nil
		broken := asError(err)
		if Expired(c.stop) {
			c.o.stopWith(stopped) // what was confirmed before is progress
		}
		c.l.fail(broken)
		return broken
	}
	n.Records++
	n.Out += int64(len(raw))
	if rec.Lost > 0 {
		n.Truncated++
		n.Lost += rec.Lost
	}
	return nil
}

// routed is the header of the record's own tag, or of BadTag if that tag is
// impossible or one too many for the connection.
func (c *copier) routed(rec *parsers.Record) []byte {
	if tag, ok := c.shaper.Tag(rec); ok {
		if header := c.l.header(c.source, tag); !c.l.conn.Full(header) {
			return header
		}
	}
	c.s.counts.BadTag++
	return c.l.header(c.source, []byte(c.BadTag))
}

func (c *copier) counts() *Counts {
	if c.s != nil {
		return &c.s.counts
	}
	return &c.loose
}

// rotate ends the span with its connection.
func (c *copier) rotate() {
	c.closeSpan()
	c.l.rotate()
}

func (c *copier) closeSpan() {
	if c.s != nil {
		c.s.to, c.s.restart = c.next, c.restart
		c.s = nil
	}
}

func (c *copier) idle() {
	if c.l.due() {
		c.rotate()
	}
}

// finish ends the last span. Records that were left out after it need no
// connection to be settled. whole says that the object was read to its end: if
// it is not what its source says, its position stays, so that every attempt
// ends in the same way.
func (c *copier) finish(whole bool) {
	c.closeSpan()
	c.o.mu.Lock()
	defer c.o.mu.Unlock()
	if err := c.o.judge(c.loose); whole && err != nil {
		c.o.end = cmp.Or(c.o.end, err)
		c.o.counts.Add(c.loose)
		return
	}
	if c.loose.none() {
		return
	}
	c.o.spans = append(c.o.spans, &span{
		o: c.o, to: c.next, restart: c.restart, counts: c.loose, settled: true, confirmed: true,
	})
}

// end is the object's failure behind an error of its parser. skipped tells that
// nothing but skipping was done, for as long as took.
func (c *copier) end(err error, skipped bool, took time.Duration) *Error {
	var corrupt *parsers.CorruptError
	var oversize *parsers.OversizeError
	switch {
	case errors.Is(err, ErrSuperseded): // whatever the parser takes it for
	case errors.As(err, &corrupt), errors.As(err, &oversize):
		return &Error{Kind: Corrupt, Err: err}
	}
	cause, window := c.cause(err), time.Since(c.began)
	if cause == stopped && skipped && took > window*4/5 {
		return Fail(TooLarge, "skipping the first %d records took %s of the %s there are: give the function more time or memory, or the objects restart points (many gzip members)",
			c.next, took.Round(time.Second), window.Round(time.Second))
	}
	return cause
}

// blank records are those that Devo would drop: nothing above a space.
func blank(raw []byte) bool {
	for _, b := range raw {
		if b > ' ' {
			return false
		}
	}
	return true
}
