package main

// mutants are the faults that tests must catch: one at least for every
// condition that delivery depends on.
var mutants = []mutant{
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
		name: "second gzip member ignored", file: "parsers/internal/unpack/gzip.go", pkg: "./parsers/internal/unpack",
		old: "			return 0, err\n		case head", new: "			return 0, err\n		case head[0] == 0x1f:\n			return 0, io.EOF\n		case head",
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
		name: "restart one record too late", file: "parsers/records.go", pkg: "./parsers",
		old: "r.block.Skip+int64(r.pos), r.index\n", new: "r.block.Skip+int64(r.pos), r.index+1\n",
	},
	// events
	{
		name: "plus in a key kept", file: "events/s3.go", pkg: "./events",
		old: "url.QueryUnescape(", new: "url.PathUnescape(",
	},
	// devo
	{
		name: "FIN-before-EOF check removed", file: "devo/confirm.go", pkg: "./devo",
		old: `	if err := c.arrived(); err != nil {
		return c.fail(delivery.DevoUnavailable, "the far end closed early", err)
	}
`, new: "",
	},
	{
		name: "EOF not waited for", file: "devo/confirm.go", pkg: "./devo",
		old: "	if err := c.readToEOF(); err != nil {\n		return err\n	}\n", new: "",
	},
	{
		name: "send queue not looked at", file: "devo/confirm.go", pkg: "./devo",
		old: "	return c.awaitAcknowledged()\n", new: "	return nil\n",
	},
	{
		name: "line feed inside a record not framed", file: "devo/frame.go", pkg: "./devo",
		old: `return bytes.IndexByte(record, '\n') >= 0 || `, new: "return ",
	},
	// delivery
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
		name: "redelivered messages share a connection", file: "delivery/batch.go", pkg: "./delivery",
		old: "		if in.Received > 1 {\n			j.mode = solo\n		}\n", new: "",
	},
	{
		name: "acknowledged though the rest was not taken", file: "delivery/outcome.go", pkg: "./delivery",
		old: "			if err == nil {\n				out.Err, out.Continued", new: "			if err == nil || true {\n				out.Err, out.Continued",
	},
	{
		name: "unlisted bucket read", file: "delivery/message.go", pkg: "./delivery",
		old: "case !slices.Contains(entry.Buckets, o.Bucket):", new: "case false && !slices.Contains(entry.Buckets, o.Bucket):",
	},
	// account
	{
		name: "done without owning", file: "account/ledger.go", pkg: "./account",
		old: `"#state IN (:claimed, :done) AND #owner = :owner"`, new: `"#state IN (:claimed, :done) AND #owner <> :nobody"`,
	},
	{
		name: "read without If-Match", file: "account/store.go", pkg: "./account",
		old: "		in.IfMatch = aws.String(", new: "		_ = aws.String(",
	},
	// sources
	{
		name: "dot in a tag's value kept", file: "sources/tagger.go", pkg: "./sources",
		old: `0123456789_-")`, new: `0123456789_-.")`,
	},
}
