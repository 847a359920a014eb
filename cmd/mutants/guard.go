package main

// The bounds of docs/security.md.
func init() {
	mutants = append(mutants, []mutant{
		{
			name: "records of any cost", file: "parsers/bounds.go", pkg: "./parsers",
			old: "if e.units += n; e.units <= e.most {", new: "if e.units += n; n < 1<<40 {",
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
	}...)
}
