package main

// plausibility are those of the verdict on an object, the tally that it is about,
// and what is counted.
var plausibility = []mutant{
	{
		name: "object of another format delivered", file: "parsers/tally.go", pkg: "./delivery",
		old: "t.Foreign > 0 && ", new: "false && ",
	},
	{
		name: "header alone taken for another format", file: "delivery/copy.go", pkg: "./delivery",
		old: "if rec.Foreign {", new: "if true {",
	},
	{
		name: "what was filtered counts for nothing", file: "parsers/tally.go", pkg: "./delivery",
		old: "t.Sent+t.Filtered == 0 }", new: "t.Sent == 0 }",
	},
	{
		name: "verdict on what was read last alone", file: "delivery/plausible.go", pkg: "./delivery",
		old: "rest.addTo(o.pos.Tally)", new: "rest.addTo(parsers.Tally{})",
	},
	{
		name: "verdict before the object's end", file: "delivery/copy.go", pkg: "./delivery",
		old: "whole && err != nil {", new: "err != nil {",
	},
	{
		name: "verdict without what is on a connection", file: "delivery/plausible.go", pkg: "./delivery",
		old: "	for _, s := range o.spans {\n		whole = s.counts.addTo(whole)\n	}\n", new: "",
	},
	{
		name: "verdict on what an earlier version did not count", file: "delivery/plausible.go", pkg: "./delivery",
		old: "if o.pos.Uncounted {", new: "if false {",
	},
	{
		name: "corrupt object's position moved", file: "delivery/copy.go", pkg: "./delivery",
		old: "		c.o.counts.Add(c.loose)\n		return\n", new: "		c.o.counts.Add(c.loose)\n",
	},
	{
		name: "tally of a position not kept", file: "delivery/settle.go", pkg: "./delivery",
		old: "o.pos.Tally = s.counts.addTo(o.pos.Tally)", new: "_ = s.counts",
	},
	{
		name: "tally of another position believed", file: "account/entry.go", pkg: "./account",
		old: "readNumber(tally[\"next\"]) != p.Next || ", new: "",
	},
	{
		name: "another parser's tally believed", file: "account/entry.go", pkg: "./account",
		old: "|| readText(tally[\"fingerprint\"]) != p.Fingerprint {", new: "{",
	},
	{
		name: "unknown tally written as known", file: "account/entry.go", pkg: "./account",
		old: "if p.Uncounted {", new: "if false {",
	},
	{
		name: "tally forgotten at a claim", file: "delivery/object.go", pkg: "./delivery",
		old: "before.Restart, before.Tally, before.Uncounted", new: "before.Restart, Position{}.Tally, before.Uncounted",
	},
	{
		name: "unparsed record sent as any other", file: "delivery/copy.go", pkg: "./delivery",
		old: "case rec.Unparsed != \"\":", new: "case false:",
	},
}
