package operate

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/devo-s3/collector/account"
)

// shownFolders is how many folders a report shows.
const shownFolders = 20

// Audited prints what was found in a bucket. all tells that the report names
// every object.
func (s *Screen) Audited(r *AuditReport, all bool) {
	s.printf("%s\n", s.name.Render(onOneLine("s3://"+r.Bucket+"/"+r.Prefix)))
	s.row("modified", "%s", span(r.Since, r.Until))
	s.row("objects", "%s, %s stored", thousands(r.Objects), size(r.Bytes))
	for _, standing := range []account.Standing{account.Finished, account.UnderWay, account.Unfinished, neverSeen} {
		n := r.Standings[standing]
		number := thousands(n.Objects)
		if standing == neverSeen || standing == account.Unfinished {
			number = s.count(n.Objects)
		}
		s.row(string(standing), "%s, %s", number, size(n.Bytes))
	}
	s.counts("left out", r.Left)
	s.folders(r.Folders)
	for i, o := range r.Missing {
		name := ""
		if i == 0 {
			name = "missing"
		}
		s.row(name, "%s, %s, %s, %s", onOneLine("s3://"+r.Bucket+"/"+o.Key), size(o.Size), o.Modified.UTC().Format(time.RFC3339), o.Standing)
	}
	if more := r.Lost().Objects - int64(len(r.Missing)); more > 0 && !all {
		s.row("", "and %s more; --list names them", thousands(more))
	}
	if r.Incomplete != "" {
		s.row("incomplete", "%s", s.bad.Render(onOneLine(r.Incomplete)))
	}
	switch lost := r.Lost().Objects; {
	case lost == 0 && r.Incomplete != "": // then nothing is known of the rest
	case lost == 0:
		s.printf("  %s\n", s.good.Render("nothing is missing"))
	case r.Sent > 0:
		s.printf("  %s\n", s.good.Render(thousands(r.Sent)+" queued"))
	}
}

// folders lists those with the most missing objects.
func (s *Screen) folders(c counts) {
	names := slices.SortedFunc(maps.Keys(c), func(a, b string) int {
		return cmp.Or(cmp.Compare(c[b].Objects, c[a].Objects), cmp.Compare(a, b))
	})
	if len(names) > shownFolders {
		rest := counts{}
		for _, n := range names[:shownFolders] {
			rest[n] = c[n]
		}
		s.counts("missing in", rest)
		s.row("", "and %s folders more", thousands(int64(len(names)-shownFolders)))
		return
	}
	s.counts("missing in", c)
}
