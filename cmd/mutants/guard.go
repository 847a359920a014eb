package main

// The bounds of docs/security.md.
func init() {
	mutants = append(mutants, []mutant{
		{
			name: "records of any cost", file: "parsers/bounds.go", pkg: "./parsers",
			old: "if r.expense.units += n; r.expense.units <= r.expense.most {", new: "if r.expense.units += n; n < 1<<40 {",
		},
		{
			name: "cost counted anew behind each restart", file: "parsers/records.go", pkg: "./parsers",
			old: "expense{units: in.Restart.Spent, ", new: "expense{",
		},
		{
			name: "cost forgotten by the ledger", file: "account/entry.go", pkg: "./account",
			old: "	p.Restart.Spent = readNumber(restart.Value[\"spent\"])\n", new: "",
		},
		{
			name: "avro's values without bytes are free", file: "parsers/avro_datum.go", pkg: "./parsers",
			old: "	a.step(1)\n", new: "",
		},
		{
			name: "avro's names are free", file: "parsers/avro_datum.go", pkg: "./parsers",
			old: "		a.step(len(name) / bytesAUnit)\n", new: "",
		},
		{
			name: "avro looks at no clock", file: "parsers/avro_datum.go", pkg: "./parsers",
			old: "	switch err := a.ctx.Err(); {\n", new: "	switch err := error(nil); {\n",
		},
		{
			name: "schema of avro of any depth", file: "parsers/avro_datum.go", pkg: "./parsers",
			old: "depth > schemaDepth {", new: "depth < 0 {",
		},
		{
			name: "parquet's rows that no group has", file: "parsers/parquet_meta.go", pkg: "./parsers",
			old: "	if left != 0 {\n", new: "	if left < 0 {\n",
		},
		{
			name: "records taken for a vendor's header", file: "parsers/internal/unpack/preamble.go", pkg: "./parsers/internal/unpack",
			old: "case len(line) > 0 && !isHeaderLine(line):", new: "case len(line) > maxPreamble:",
		},
		{
			name: "parquet's nulls are free", file: "parsers/parquet_column.go", pkg: "./parsers",
			old: "c.p.spend(int64(n))", new: "c.p.spend(0)",
		},
		{
			name: "parquet's pages are free", file: "parsers/parquet_column.go", pkg: "./parsers",
			old: "c.p.spend(int64(h.Unpacked) / bytesAUnit)", new: "c.p.spend(0)",
		},
		{
			name: "columns of parquet without number", file: "parsers/parquet_meta.go", pkg: "./parsers",
			old: "if schema > maxElements {", new: "if schema > maxThriftItems {",
		},
		{
			name: "row of parquet of any length", file: "parsers/parquet_row.go", pkg: "./parsers",
			old: "p.lost > maxTail", new: "p.lost < 0",
		},
		{
			name: "ten large objects at once", file: "parsers/memory.go", pkg: "./parsers",
			old: "	return true, m.reserve()\n", new: "	return true, nil\n",
		},
		{
			name: "memory of a large object is kept for good", file: "parsers/records.go", pkg: "./parsers",
			old: "		defer r.memory.release()\n", new: "",
		},
		{
			name: "suspects beside others", file: "delivery/suspect.go", pkg: "./delivery",
			old: "	if o.claim.Abandoned == \"\" {\n", new: "	if true {\n",
		},
		{
			name: "suspects before others are acknowledged", file: "delivery/suspect.go", pkg: "./delivery",
			old: "		r.acknowledge()\n", new: "",
		},
		{
			name: "failed message acknowledged beside a suspect", file: "delivery/suspect.go", pkg: "./delivery",
			old: "&& m.succeeded() {", new: "{",
		},
		{
			name: "suspect without time released", file: "delivery/suspect.go", pkg: "./delivery",
			old: "	o.held = false\n", new: "",
		},
		{
			name: "nobody given up", file: "delivery/batch.go", pkg: "./delivery",
			old: "	if !r.attend(finished) {\n", new: "	if !r.attend(finished) {\n		<-finished\n",
		},
		{
			name: "process goes on with what it left behind", file: "delivery/flight.go", pkg: "./delivery",
			old: "	r.leftBehind.Store(true)\n", new: "",
		},
		{
			name: "kill leaves no trace", file: "account/entry.go", pkg: "./account",
			old: "	return e.owner\n", new: "	return \"\"\n",
		},
		{
			name: "cause of any length in the log", file: "telemetry/outcome.go", pkg: "./telemetry",
			old: "printable.Cut(printable.Line(err.Error()), maxCause)", new: "printable.Line(err.Error())",
		},
		{
			name: "cause as it is in the log", file: "telemetry/outcome.go", pkg: "./telemetry",
			old: "printable.Cut(printable.Line(err.Error()), maxCause)", new: "printable.Cut(err.Error(), maxCause)",
		},
		{
			name: "json line as it is", file: "operate/show.go", pkg: "./operate",
			old: "w.Write(printable.JSON(out.Bytes()))", new: "w.Write(out.Bytes())",
		},
		{
			name: "any number of windows", file: "parsers/internal/unpack/codecs.go", pkg: "./parsers/internal/unpack",
			old: "r.wide > maxWide", new: "r.wide < 0",
		},
		{
			name: "any number of tags over HTTP", file: "devo/http.go", pkg: "./devo",
			old: "return len(p.waiting) >= tagLimit && ", new: "return len(p.waiting) < 0 && ",
		},
		{
			name: "a tag over HTTP too few", file: "devo/http.go", pkg: "./devo",
			old: "len(p.waiting) >= tagLimit", new: "len(p.waiting) >= tagLimit-1",
		},
		{
			name: "a tag over HTTP that waits already is refused", file: "devo/http.go", pkg: "./devo",
			old: " && p.waiting[string(header)] == nil\n", new: "\n",
		},
		{
			name: "HTTP buffer that is full stays nearly so", file: "devo/http.go", pkg: "./devo",
			old: "left > gatherLimit/2", new: "left > gatherLimit/16*15",
		},
		{
			name: "smallest tags sent first over HTTP", file: "devo/http.go", pkg: "./devo",
			old: "cmp.Compare(p.waiting[b].Len(), p.waiting[a].Len())", new: "cmp.Compare(p.waiting[a].Len(), p.waiting[b].Len())",
		},
		{
			name: "HTTP requests one at a time", file: "devo/http.go", pkg: "./devo",
			old: "make(chan struct{}, postLimit)", new: "make(chan struct{}, 1)",
		},
		{
			name: "HTTP requests go on after one that failed", file: "devo/http.go", pkg: "./devo",
			old: "if failed.Load() {", new: "if failed.Load() && false {",
		},
		{
			name: "tag too many keeps its tag", file: "delivery/copy.go", pkg: "./delivery",
			old: "!c.l.conn.Full(header)", new: "header != nil",
		},
		{
			name: "tag too many not counted", file: "delivery/copy.go", pkg: "./delivery",
			old: "	c.s.counts.BadTag++\n", new: "",
		},
		{
			name: "gzip member a byte too long", file: "devo/pack.go", pkg: "./devo",
			old: ">= memberSize {", new: "> memberSize {",
		},
		{
			name: "gzip member without end", file: "devo/pack.go", pkg: "./devo",
			old: ">= memberSize {", new: "< 0 {",
		},
		{
			name: "restored object forgotten where it is wanted", file: "delivery/message.go", pkg: "./delivery",
			old: "		n = n.WithRestored(entry.Restored)\n", new: "",
		},
		{
			name: "restored object taken of every bucket", file: "events/meaning.go", pkg: "./events",
			old: "slices.Contains(buckets, o.Bucket)", new: "true",
		},
		{
			name: "object that is being restored taken for restored", file: "account/bucket.go", pkg: "./account",
			old: "!aws.ToBool(s.IsRestoreInProgress) && s.RestoreExpiryDate != nil", new: "true",
		},
		{
			name: "intermediate of the client's certificate not sent", file: "devo/identity.go", pkg: "./devo",
			old: "		all = append(all, last.Raw)\n", new: "",
		},
		{
			name: "root sent with the client's certificate", file: "devo/identity.go", pkg: "./devo",
			old: "issued(c, last) && !issued(c, c)", new: "issued(c, last)",
		},
		{
			name: "bucket without ACLs suits a publisher that needs them", file: "account/doctor_bucket.go", pkg: "./operate",
			old: "	return !slices.ContainsFunc(out.OwnershipControls.Rules", new: "	return true || !slices.ContainsFunc(out.OwnershipControls.Rules",
		},
	}...)
}
