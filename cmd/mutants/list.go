package main

// mutants are the faults that tests must catch: one at least for every
// condition that delivery depends on.
var mutants = append(plausibility, []mutant{
	// parsers
	{
		name: "off by one at a block's end", file: "parsers/text.go", pkg: "./parsers",
		old: "last = f.buf[f.pos-1]", new: "f.pos--; last = f.buf[f.pos-1]",
	},
	{
		name: "last line without a line break dropped", file: "parsers/text.go", pkg: "./parsers",
		old: "		if err := f.more(); err == io.EOF {\n			raw, length = f.close()\n", new: "		if err := f.more(); err == io.EOF {\n			_, _ = f.close()\n			raw, length = nil, 0\n",
	},
	{
		name: "escaped quote ends a string", file: "parsers/scan.go", pkg: "./parsers",
		old: "	return n&1 != 0\n", new: "	return false\n",
	},
	{
		name: "truncated gzip is an end", file: "parsers/internal/unpack/unpack.go", pkg: "./parsers/internal/unpack",
		old: "	return r.unpack(packing, in, 1)\n", new: "	if err = r.unpack(packing, in, 1); err != nil && err.Error() == \"corrupt: truncated gzip\" {\n		return nil\n	}\n	return err\n",
	},
	{
		name: "second gzip member ignored", file: "parsers/internal/unpack/inflate.go", pkg: "./parsers/internal/unpack",
		old: "	if z.begun {\n", new: "	if z.begun {\n		return 0, io.EOF\n",
	},
	{
		name: "white space between two members is garbage", file: "parsers/internal/unpack/gap.go", pkg: "./parsers/internal/unpack",
		old: "return c == 0 || c == ' ' || c == '\\t' || c == '\\r' || c == '\\n'", new: "return c == 0",
	},
	{
		name: "anything behind a member is the end", file: "parsers/internal/unpack/gap.go", pkg: "./parsers/internal/unpack",
		old: "		return r.garbage(in, depth)\n	case", new: "		return io.EOF\n	case",
	},
	{
		name: "what is no text is text", file: "parsers/window.go", pkg: "./parsers",
		old: "counted*maxControls <= length", new: "counted <= length",
	},
	{
		name: "FIX is no text", file: "parsers/window.go", pkg: "./parsers",
		old: "		counted -= between\n", new: "		counted -= 0\n",
	},
	{
		name: "padding is no text", file: "parsers/window.go", pkg: "./parsers",
		old: "end-i >= padding ||", new: "",
	},
	{
		name: "the stated encoding beats a byte order mark", file: "parsers/window.go", pkg: "./parsers",
		old: "	case marked:\n	case stated != nil:\n", new: "	case stated != nil:\n",
	},
	{
		name: "truncated brotli is an end", file: "parsers/internal/unpack/brotli.go", pkg: "./parsers/internal/unpack",
		old: "		if b.tooMany {\n			err = io.ErrUnexpectedEOF\n", new: "		if b.tooMany {\n			err = io.EOF\n",
	},
	{
		name: "a Content-Encoding beats the content", file: "parsers/internal/unpack/hints.go", pkg: "./parsers/internal/unpack",
		old: "likely(tryReader(brotliTrial(head)), head, whole),", new: "true,",
	},
	{
		name: "zlib by its first two bytes", file: "parsers/internal/unpack/detect.go", pkg: "./parsers/internal/unpack",
		old: "t == ends || likely(t, zlibRest(head), whole)", new: "t >= fails",
	},
	{
		name: "a Mac's resource forks are files", file: "parsers/internal/unpack/zip.go", pkg: "./parsers/internal/unpack",
		old: "strings.HasPrefix(base, \"._\") ||", new: "",
	},
	{
		name: "tar cut between two files is whole", file: "parsers/internal/unpack/tar.go", pkg: "./parsers/internal/unpack",
		old: "err == io.EOF && last.zero", new: "err == io.EOF",
	},
	{
		name: "last line of a file joins the next file's", file: "parsers/internal/unpack/unpack.go", pkg: "./parsers/internal/unpack",
		old: "r.reading >= 0 && r.reading != b.file", new: "false",
	},
	{
		name: "bomb unpacked", file: "parsers/internal/unpack/unpack.go", pkg: "./parsers/internal/unpack",
		old: "all/r.opts.MaxRatio > stored", new: "stored < 0",
	},
	{
		name: "second array of a document passed over", file: "parsers/envelope.go", pkg: "./parsers",
		old: "slices.IndexFunc(j.path[level], ", new: "slices.IndexFunc(j.path[level][:1], ",
	},
	{
		name: "restart one record too late", file: "parsers/records.go", pkg: "./parsers",
		old: "r.block.Skip+int64(r.pos), r.index\n", new: "r.block.Skip+int64(r.pos), r.index+1\n",
	},
	{
		name: "quote may stand anywhere in a row", file: "parsers/csv.go", pkg: "./parsers",
		old: "if before[len(before)-1] != d.separator {", new: "if false {",
	},
	{
		name: "what was seen of another block believed", file: "parsers/jsonlines.go", pkg: "./parsers",
		old: "if t.sighted != f.window {", new: "if t.sighted < 0 {",
	},
	{
		name: "text at the top taken for values", file: "parsers/vouch.go", pkg: "./parsers",
		old: "	return end, validScalar(b[at:end])\n}", new: "	return end, true\n}",
	},
	{
		name: "line of an array taken for a document", file: "parsers/jsonlines.go", pkg: "./parsers",
		old: "(c == '[' || c == ' '", new: "(c == ' '",
	},
	{
		name: "place within an array taken for a line's", file: "parsers/jsontop.go", pkg: "./parsers",
		old: "j.elements = j.states[1], true", new: "j.elements = j.states[0], true",
	},
	{
		name: "place behind an array taken for an element's", file: "parsers/jsontop.go", pkg: "./parsers",
		old: "j.elements = j.states[0], false", new: "j.elements = j.states[1], false",
	},
	{
		name: "documents in a long line of text cut off", file: "parsers/jsontop.go", pkg: "./parsers",
		old: "	if length > int64(j.spec.MaxRecord) {", new: "	if length < 0 {",
	},
	{
		name: "place in a rewound window by its last block", file: "parsers/records.go", pkg: "./parsers",
		old: "	if r.feed.state == rewound {\n		r.placeRewound(p)", new: "	if false {\n		r.placeRewound(p)",
	},
	{
		name: "bare word passes as an element", file: "parsers/json.go", pkg: "./parsers",
		old: "&& !validScalar(raw) {", new: "&& !validScalar(raw) && raw == nil {",
	},
	{
		name: "rest of a rewound window passed over", file: "parsers/feed.go", pkg: "./parsers",
		old: "		if f.taken < len(f.block.Data) {\n			f.show(f.taken)\n			return nil", new: "		if false {\n			f.show(f.taken)\n			return nil",
	},
	// events
	{
		name: "plus in a key kept", file: "events/s3.go", pkg: "./events",
		old: "url.QueryUnescape(", new: "url.PathUnescape(",
	},
	{
		name: "continued object's error lost", file: "events/continuation.go", pkg: "./events",
		old: `if form.Object.Error != "" {`, new: "if false {",
	},
	{
		name: "region of a remainder lost", file: "events/continuation.go", pkg: "./events ./delivery",
		old: "ETag: o.ETag, Size: &bytes, Region: o.Region}", new: "ETag: o.ETag, Size: &bytes}",
	},
	// devo
	{
		name: "piece passed on twice", file: "devo/pieces.go", pkg: "./devo",
		old: "		p.gathered = p.gathered[:0]\n", new: "",
	},
	{
		name: "FIN-before-EOF check removed", file: "devo/confirm.go", pkg: "./devo",
		old: `	if err := c.arrived(); err != nil {
		return c.fail(delivery.DevoUnavailable, "the far end closed early", err)
	}
`, new: "",
	},
	{
		name: "EOF not waited for", file: "devo/confirm.go", pkg: "./devo",
		old: "	if c.ending, err = c.awaitEnd(); err != nil {\n		return err\n	}\n", new: "	c.ending.notified = err == nil\n",
	},
	{
		name: "send queue not looked at", file: "devo/confirm.go", pkg: "./devo",
		old: "	if err := c.awaitAcknowledged(); err != nil {\n		return err\n	}\n", new: "",
	},
	{
		name: "FIN taken for close_notify", file: "devo/confirm.go", pkg: "./devo",
		old: "errors.Is(err, io.EOF) && !c.link.finished", new: "errors.Is(err, io.EOF)",
	},
	{
		name: "FIN does not wait for close_notify", file: "devo/confirm.go", pkg: "./devo",
		old: "	if c.notifies {\n		err = c.await", new: "	if false {\n		err = c.await",
	},
	{
		name: "close_notify after our FIN not believed", file: "devo/confirm.go", pkg: "./devo",
		old: "	if late {\n", new: "	if late && !c.notifies {\n",
	},
	{
		name: "owed close_notify not asked for", file: "devo/confirm.go", pkg: "./devo",
		old: "	case owed:\n", new: "	case owed && false:\n",
	},
	{
		name: "end believed that nobody knows about", file: "devo/confirm.go", pkg: "./devo",
		old: "	case err != nil:\n		return delivery.Fail(delivery.LedgerFailed", new: "	case false:\n		return delivery.Fail(delivery.LedgerFailed",
	},
	{
		name: "confirm notified as closed", file: "devo/confirm.go", pkg: "./devo",
		old: `case rule == "notified":`, new: `case rule == "notified" && false:`,
	},
	{
		name: "close_notify not remembered", file: "devo/confirm.go", pkg: "./devo",
		old: "		c.sink.learned.note(ctx, c.endpoint)\n", new: "",
	},
	{
		name: "what was forgotten still owed", file: "devo/learned.go", pkg: "./devo",
		old: "		l.set(endpoint, knowledge{})\n		return false, nil\n", new: "		return true, nil\n",
	},
	{
		name: "memory that is down takes nothing for owed", file: "devo/learned.go", pkg: "./devo",
		old: "case err != nil && k.seen:\n		return true, nil", new: "case err != nil && k.seen:\n		return false, nil",
	},
	{
		name: "unnotified opens no breaker", file: "watch/state.go", pkg: "./watch",
		old: " || in.health.Unnotified > 0", new: "",
	},
	{
		name: "unnotified not counted for watch", file: "telemetry/metrics.go", pkg: "./telemetry",
		old: "		h.Unnotified = int64(failures[0])\n", new: "",
	},
	{
		name: "endpoint learned anew though it is known", file: "account/endpoints.go", pkg: "./account",
		old: `"#notified > :never"`, new: `"attribute_not_exists(id) OR #notified >= :never"`,
	},
	{
		name: "line feed inside a record not framed", file: "devo/frame.go", pkg: "./devo",
		old: `return bytes.IndexByte(record, '\n') >= 0 || `, new: "return ",
	},
	{
		name: "last gzip member not ended", file: "devo/pack.go", pkg: "./devo",
		old: "cmp.Or(w.pack(), w.packer.out.Flush())", new: "cmp.Or(w.out.flush(), w.packer.out.Flush())",
	},
	{
		name: "gzip with octet counts", file: "devo/devo.go", pkg: "./devo",
		old: `if c.Multiline == "octet" && (`, new: "if false && (",
	},
	{
		name: "HTTP status not looked at", file: "devo/http.go", pkg: "./devo",
		old: "case err == nil && status/100 == 2:", new: "case err == nil:",
	},
	{
		name: "HTTP answer not read to its end", file: "devo/http.go", pkg: "./devo",
		old: "if err != nil && !errors.Is(err, io.EOF) {", new: "if err != nil && !errors.Is(err, io.EOF) && false {",
	},
	{
		name: "HTTP token shown in an error", file: "devo/http.go", pkg: "./devo",
		old: `strings.ReplaceAll(err.Error(), p.token, "…")`, new: `strings.ReplaceAll(err.Error(), "", "")`,
	},
	{
		name: "rest of an HTTP connection not sent", file: "devo/http.go", pkg: "./devo",
		old: "err = p.send(ctx, slices.Collect(maps.Keys(p.waiting)))", new: "_, err = slices.Collect(maps.Keys(p.waiting)), ctx.Err()",
	},
	{
		name: "line feed in a record over HTTP", file: "devo/http.go", pkg: "./devo",
		old: "packSize), escape: true}", new: "packSize), escape: false}",
	},
	{
		name: "time limit of a confirmation counts from its start", file: "devo/confirm.go", pkg: "./devo",
		old: "	if waiting < p.least {", new: "	if waiting < p.least && p.least == math.MaxInt {",
	},
	{
		name: "kernel holds megabytes unsent", file: "devo/devo.go", pkg: "./devo",
		old: "	limitUnsent(tcp, unsentLimit)\n", new: "",
	},
	{
		name: "write outlasts the connection's life", file: "devo/conn.go", pkg: "./devo",
		old: "context.AfterFunc(life, l.reset)", new: "context.AfterFunc(life, func() {})",
	},
	{
		name: "endpoint that failed after the handshake asked first", file: "devo/conn.go", pkg: "./devo",
		old: "		c.sink.standing.failed(c.endpoint, c.sink.now())\n", new: "",
	},
	{
		name: "endpoint blamed for the end of our time", file: "devo/conn.go", pkg: "./devo",
		old: "	if !delivery.Expired(c.life) {", new: "	if true {",
	},
	// delivery
	{
		name: "deadline that passed before its timer fired", file: "delivery/fault.go", pkg: "./delivery",
		old: "ok && !time.Now().Before(deadline)", new: "ok && !time.Now().Before(deadline) && false",
	},
	{
		name: "write that the deadline cut is no progress", file: "delivery/copy.go", pkg: "./delivery",
		old: "			c.o.stopWith(stopped) // what", new: "			// what",
	},
	{
		name: "ledger written before confirm", file: "delivery/settle.go", pkg: "./delivery",
		old: "o.spans[0].settled && o.spans[0].confirmed {", new: "o.spans[0].settled {",
	},
	{
		name: "ledger finished at the end of writing", file: "delivery/lane.go", pkg: "./delivery",
		old: "l.settle(spans, guarded(func() error { return conn.Confirm(l.confirm) }))", new: "_ = guarded(func() error { return conn.Confirm(l.confirm) })\n		l.settle(spans, nil)",
	},
	{
		name: "position one record too far", file: "delivery/copy.go", pkg: "./delivery",
		old: "c.next = rec.Index + 1", new: "c.next = rec.Index + 2",
	},
	{
		name: "body that ends early is the end", file: "delivery/body.go", pkg: "./delivery ./cmd/collector",
		old: "case errors.Is(err, io.EOF) && b.off == b.want.Size:", new: "case errors.Is(err, io.EOF):",
	},
	{
		name: "everybody waits for what failed", file: "delivery/shared.go", pkg: "./delivery",
		old: "if s.broke {", new: "if false {",
	},
	{
		name: "turn on the shared connection waited for without end", file: "delivery/shared.go", pkg: "./delivery",
		old: "patience := turnLimit", new: "patience := time.Hour",
	},
	{
		name: "shared connection never looked after", file: "delivery/shared.go", pkg: "./delivery",
		old: "	if s.lane.due() {", new: "	if false {",
	},
	{
		name: "own connection forgotten beside the shared one", file: "delivery/shared.go", pkg: "./delivery",
		old: "	own.rotate() // nobody looks after it meanwhile\n", new: "",
	},
	{
		name: "shared connection unconfirmed until the end", file: "delivery/shared.go", pkg: "./delivery",
		old: "	if last {", new: "	if last && false {",
	},
	{
		name: "slow object waited for", file: "delivery/ahead.go", pkg: "./delivery",
		old: "time.Since(began) < aheadLimit; {", new: "!began.IsZero(); {",
	},
	{
		name: "redelivered messages share a connection", file: "delivery/batch.go", pkg: "./delivery",
		old: "if in.Received > 1 {", new: "if in.Received < 0 {",
	},
	{
		name: "acknowledged though the rest was not taken", file: "delivery/outcome.go", pkg: "./delivery",
		old: "			if err == nil {\n				out.Err, out.Continued", new: "			if err == nil || true {\n				out.Err, out.Continued",
	},
	{
		name: "unlisted bucket read", file: "delivery/message.go", pkg: "./delivery",
		old: "case !slices.Contains(entry.Buckets, o.Bucket):", new: "case false && !slices.Contains(entry.Buckets, o.Bucket):",
	},
	{
		name: "records taken for a notification", file: "delivery/message.go", pkg: "./delivery",
		old: "entry != nil && entry.Direct {", new: "entry != nil && entry.Direct && false {",
	},
	{
		name: "body handed on as an object", file: "delivery/outcome.go", pkg: "./delivery",
		old: "t.entry == nil || t.entry.Direct {", new: "t.entry == nil {",
	},
	{
		name: "the margin is not seen within a block", file: "delivery/copy.go", pkg: "./delivery",
		old: "if Expired(r.stop) {\n				stop(stopped)", new: "if false {\n				stop(stopped)",
	},
	{
		name: "redelivery without the ledger", file: "delivery/object.go", pkg: "./delivery",
		old: "KindOf(err) == LedgerFailed && r.first(o.driver) &&", new: "KindOf(err) == LedgerFailed &&",
	},
	{
		name: "ledger_down: stop goes on", file: "delivery/object.go", pkg: "./delivery",
		old: "r.first(o.driver) && !r.LedgerDownStops:", new: "r.first(o.driver):",
	},
	{
		name: "unclaimed progress handed on", file: "delivery/outcome.go", pkg: "./delivery",
		old: "> o.from && !o.unclaimed", new: "> o.from",
	},
	{
		name: "lease as long as the invocation", file: "delivery/batch.go", pkg: "./delivery",
		old: "time.Until(deadline) + 5*time.Second", new: "time.Until(deadline)",
	},
	{
		name: "lease kept by who hands on", file: "delivery/settle.go", pkg: "./delivery",
		old: "		if state != Delivered {\n", new: "		if state == Failed {\n",
	},
	{
		name: "generation left out of the identity", file: "delivery/object.go", pkg: "./delivery",
		old: "id.Generation = t.generation", new: "_ = t.generation",
	},
	{
		name: "margin without the confirm timeout", file: "delivery/delivery.go", pkg: "./delivery",
		old: "max(45*time.Second, confirmTimeout+15*time.Second)", new: "max(45*time.Second, 0*confirmTimeout)",
	},
	{
		name: "jitter that subtracts", file: "delivery/delay.go", pkg: "./delivery",
		old: "d += time.Duration(rand", new: "d -= time.Duration(rand",
	},
	{
		name: "message ahead of an update given up at once", file: "delivery/delay.go", pkg: "./delivery",
		old: "NoSource: updating, NotAllowed: updating,", new: "NoSource: permanent, NotAllowed: permanent,",
	},
	{
		name: "renamed queue forgotten", file: "config/derived.go", pkg: "./config",
		old: "for _, f := range q.Was {", new: "for _, f := range q.Was[:0] {",
	},
	{
		name: "queue that stands still taken for one that moves", file: "watch/progress.go", pkg: "./watch",
		old: "q.waiting >= before.Least", new: "q.waiting > before.Least",
	},
	{
		name: "mapping's problem not seen", file: "watch/progress.go", pkg: "./watch",
		old: "m.Status == On && strings.HasPrefix(m.Result, problem)", new: "false && strings.HasPrefix(m.Result, problem)",
	},
	{
		name: "policy over its size accepted", file: "config/sizes.go", pkg: "./config",
		old: "if size := iam.Size(v); size > most {", new: "if size := iam.Size(v); size > 2*most {",
	},
	{
		name: "least hopeful kind decides", file: "delivery/delay.go", pkg: "./delivery",
		old: "patienceOf(a.Kind).hope <= patienceOf(b.Kind).hope", new: "patienceOf(a.Kind).hope > patienceOf(b.Kind).hope",
	},
	// account
	{
		name: "read without If-Match", file: "account/store.go", pkg: "./account",
		old: "		in.IfMatch = aws.String(", new: "		_ = aws.String(",
	},
	{
		name: "refused KMS key taken for a refused object", file: "account/kind.go", pkg: "./account",
		old: `code == "AccessDenied" && aboutKMS(says)`, new: `code == "AccessDenied" && !aboutKMS(says) && false`,
	},
	{
		name: "bucket of any owner", file: "account/store.go", pkg: "./account",
		old: "in.ExpectedBucketOwner = &owner", new: "_ = &owner",
	},
	{
		name: "expired session kept", file: "account/store.go", pkg: "./account",
		old: `api.ErrorCode() == "ExpiredToken"`, new: `api.ErrorCode() == "Expired"`,
	},
	{
		name: "lapsed entry believed", file: "account/ledger.go", pkg: "./account",
		old: "attribute_not_exists(id) OR expiry <= :now", new: "attribute_not_exists(id) OR expiry < :now AND expiry > :now",
	},
	// config
	{
		name: "octet counts for gzip taken", file: "config/check.go", pkg: "./config",
		old: `case lines && d.Multiline == "octet":`, new: `case lines && d.Multiline == "octets":`,
	},
	// sources
	{
		name: "dot in a tag's value kept", file: "sources/tagger.go", pkg: "./sources",
		old: `0123456789_-")`, new: `0123456789_-.")`,
	},
	{
		name: "key that is another's taken", file: "sources/sources.go", pkg: "./sources",
		old: "	if s.except.match(key) {\n		return m, false", new: "	if s.except.match(key) {\n		return m, true",
	},
	{
		name: "refused object read", file: "sources/sources.go", pkg: "./sources",
		old: "		if r.match(key) {", new: "		if r.match(key) && i > 0 {",
	},
	// watch
	{
		name: "breaker opens though something was confirmed", file: "watch/state.go", pkg: "./watch",
		old: "in.health.Attempts > 0 && in.health.Confirmed == 0", new: "in.health.Attempts > 0",
	},
	{
		name: "one probe resumes", file: "watch/state.go", pkg: "./watch",
		old: "successes = 2", new: "successes = 1",
	},
	{
		name: "a person's mapping held", file: "watch/state.go", pkg: "./watch",
		old: "status == On && !held {", new: "status != Busy && !held {",
	},
	{
		name: "a mapping forgotten that Lambda's answer is without", file: "watch/state.go", pkg: "./watch",
		old: "case !exists && !missing:", new: "case !exists && !missing && false:",
	},
	{
		name: "a mapping paused again that a person enabled", file: "watch/state.go", pkg: "./watch",
		old: "n.Held[id] = Spared", new: "_ = Spared",
	},
	{
		name: "a mapping touched though the record failed", file: "watch/breaker.go", pkg: "./watch",
		old: "w.save(ctx, next); err != nil {", new: "w.save(ctx, next); err != nil && false {",
	},
	{
		name: "an outage that is over opens the breaker", file: "watch/breaker.go", pkg: "./watch",
		old: "max(minute-minutes+1, since+1)", new: "minute - minutes + 1",
	},
	{
		name: "two runs of watch both save", file: "account/health.go", pkg: "./account",
		old: "#version = :version", new: "#version >= :version",
	},
	{
		name: "vendor's message deleted that was not accepted", file: "watch/vendors.go", pkg: "./watch",
		old: "v.Queue.Delete(ctx, accepted)", new: "v.Queue.Delete(ctx, messages)",
	},
	{
		name: "vendor's objects passed by though not accepted", file: "watch/listing.go", pkg: "./watch",
		old: "return mark, taken, errors", new: "return next.tidy(), taken, errors",
	},
	{
		name: "vendor's object passed by that comes out of order", file: "watch/listing.go", pkg: "./watch",
		old: "if o.EventTime.Before(now.Add(-settled)) {", new: "if true {",
	},
	{
		name: "vendor's object that comes late is never looked for", file: "watch/listing.go", pkg: "./watch",
		old: "case !o.EventTime.Before(from):", new: "case false:",
	},
	{
		name: "a sweep that failed at its begin counts as one", file: "watch/listing.go", pkg: "./watch",
		old: "return mark.Sweep, nil, err", new: "return s, nil, err",
	},
	{
		name: "no bound on what is remembered of a vendor's bucket", file: "watch/listing.go", pkg: "./watch",
		old: "min(most, room)", new: "most",
	},
	{
		name: "vendor's keys kept for ever", file: "account/vendor.go", pkg: "./account",
		old: "CanExpire: true", new: "CanExpire: false",
	},
	// telemetry
	{
		name: "every source has its own metrics", file: "telemetry/metrics.go", pkg: "./telemetry",
		old: "if !m.sources[name] {", new: "if false {",
	},
}...)
