package main

// The ledger: who holds what, what a refusal means, overwritten objects, several
// versions and several queues at one table, bookmarks.
func init() {
	mutants = append(mutants, []mutant{
		{
			name: "written without owning", file: "account/ledger.go", pkg: "./account",
			old: `held      = "#state = :claimed AND #owner = :owner"`, new: `held      = "#state = :claimed AND #owner <> :next"`,
		},
		{
			name: "revision not asked for", file: "account/ledger.go", pkg: "./account",
			old: `condition += " AND #revision = :revision"`, new: `condition += " AND #revision >= :revision"`,
		},
		{
			name: "own lost answer is a lost lease", file: "account/entry.go", pkg: "./account",
			old: "now.revision == c.revision+1 && c.shownBy(now)", new: "now.revision == c.revision && c.shownBy(now)",
		},
		{
			name: "somebody else's write is our lost answer", file: "account/entry.go", pkg: "./account",
			old: "now.owner != c.owner || now.revision <= c.revision", new: "now.revision <= c.revision",
		},
		{
			name: "position goes back", file: "account/ledger.go", pkg: "./account",
			old: "#next <= :next OR #fingerprint <> :fingerprint)", new: "#next <= :next OR #next > :next)",
		},
		{
			name: "another parser's count never written", file: "account/ledger.go", pkg: "./account",
			old: "#next <= :next OR #fingerprint <> :fingerprint)", new: "#next <= :next)",
		},
		{
			name: "position forgotten when it could not be written", file: "delivery/settle.go", pkg: "./delivery",
			old: "	o.mu.Unlock()\n	err := guarded(func() (err error) {", new: "	o.moved = false\n	o.mu.Unlock()\n	err := guarded(func() (err error) {",
		},
		{
			name: "cut answer believed to be whole", file: "account/account.go", pkg: "./account",
			old: "c.HTTPClient = wholeAnswers{stream}", new: "c.HTTPClient = stream",
		},
		{
			name: "object read into memory before it is delivered", file: "account/account.go", pkg: "./account",
			old: "streamed{stream}", new: "wholeAnswers{stream}",
		},
		{
			name: "one failed sync for all claims", file: "delivery/sync.go", pkg: "./delivery",
			old: "r.time.failed >= syncTries", new: "r.time.failed > 0",
		},
		{
			name: "ledger that is down asked for each claim", file: "delivery/sync.go", pkg: "./delivery",
			old: "r.time.failed >= syncTries", new: "false",
		},
		{
			name: "refused ledger write not seen", file: "delivery/settle.go", pkg: "./delivery",
			old: "if refused != nil && o.end == nil {", new: "if refused != nil && o.end != nil {",
		},
		{
			name: "overwritten object ends its message", file: "delivery/message.go", pkg: "./delivery",
			old: "	if s == Superseded {\n", new: "	if s == Delivered {\n",
		},
		{
			name: "overwritten object is done", file: "delivery/settle.go", pkg: "./delivery",
			old: "		if state == Delivered {\n", new: "		if state == Delivered || state == Superseded {\n",
		},
		{
			name: "lease kept on what was overwritten", file: "delivery/settle.go", pkg: "./delivery",
			old: "		if state != Delivered {\n", new: "		if state == Failed || state == Unfinished {\n",
		},
		{
			name: "overwritten object joined again", file: "delivery/superseded.go", pkg: "./delivery",
			old: "	delete(r.objects, o.id)\n", new: "",
		},
		{
			name: "overwriter followed without end", file: "delivery/superseded.go", pkg: "./delivery",
			old: "len(t.replaced) > replacedLimit", new: "len(t.replaced) > 100*replacedLimit",
		},
		{
			name: "overwriter opened by the old eTag", file: "delivery/superseded.go", pkg: "./delivery",
			old: `t.want.ETag, t.want.VersionID, t.want.Size = "", "", -1`, new: `t.want.VersionID, t.want.Size = "", -1`,
		},
		{
			name: "progress on what was overwritten not counted", file: "delivery/outcome.go", pkg: "./delivery",
			old: "return b.driven && b.obj.confirmedMore()", new: "return false",
		},
		{
			name: "edited filter starts an object again", file: "parsers/compile.go", pkg: "./delivery",
			old: "	same.Fields = nil\n", new: "",
		},
		{
			name: "older version's position not honoured", file: "delivery/outside.go", pkg: "./account",
			old: "p.Fingerprint == q.Fingerprint || cmp.Or(p.Older, p.Fingerprint) == cmp.Or(q.Older, q.Fingerprint)", new: "p.Fingerprint == q.Fingerprint && cmp.Or(p.Older, q.Older) == cmp.Or(p.Older, q.Older)",
		},
		{
			name: "position unreadable for the older version", file: "account/entry.go", pkg: "./account",
			old: `":fingerprint": older,`, new: `":fingerprint": text(p.Fingerprint),`,
		},
		{
			name: "fingerprint believed of a position that an older version wrote", file: "account/entry.go", pkg: "./account",
			old: `readText(parser["older"]) == p.Fingerprint && `, new: "",
		},
		{
			name: "queues over one bucket starve each other", file: "delivery/object.go", pkg: "./delivery",
			old: "	if r.sharedBuckets[id.Bucket] {\n", new: "	if r.sharedBuckets[id.Bucket] && id.Queue != \"\" {\n",
		},
		{
			name: "identity of every bucket has its queue", file: "delivery/object.go", pkg: "./delivery",
			old: "	if r.sharedBuckets[id.Bucket] {\n", new: "	if id.Bucket != \"\" {\n",
		},
		{
			name: "older entry of a shared bucket not honoured", file: "account/ledger.go", pkg: "./account",
			old: "	if err != nil || !older {\n", new: "	if err != nil || !older || older {\n",
		},
		{
			name: "older entry of a shared bucket before its own", file: "account/ledger.go", pkg: "./account",
			old: "	if err != nil || own {\n", new: "	if err != nil || own && !older {\n",
		},
		{
			name: "older entry honoured for ever", file: "account/ledger.go", pkg: "./account",
			old: `readNumber(out.Item["expiry"]) > l.Now().Unix(), nil`, new: `readNumber(out.Item["expiry"]) > 0, nil`,
		},
		{
			name: "bookmarks of a deleted head believed", file: "account/bookmarks.go", pkg: "./account",
			old: `	if readNumber(item["since"]) != since {`, new: `	if readNumber(item["since"]) != since && since == 0 {`,
		},
		{
			name: "first of a folder's items written first", file: "account/bookmarks.go", pkg: "./account",
			old: "	for n := len(parts) - 1; n > 0; n-- {\n", new: "	for n := len(parts) - 1; n > 1; n-- {\n",
		},
		{
			name: "bookmarks of the older version not moved", file: "account/bookmarks.go", pkg: "./account",
			old: "was.Moved || !mark.Equal(was)", new: "!mark.Equal(was)",
		},
		{
			name: "head written though a folder is not saved", file: "account/bookmarks.go", pkg: "./account",
			old: "	if err != nil {\n		return err\n	}\n	return h.put(ctx, listingID(vendor), version, headItem(next))\n", new: "	_ = err\n	return h.put(ctx, listingID(vendor), version, headItem(next))\n",
		},
	}...)
}
