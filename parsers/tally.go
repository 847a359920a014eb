package parsers

// A Tally counts what became of an object's records. Headers, blank records and
// comments are in none of its counts: an object of nothing else is empty, not
// wrong.
type Tally struct {
	Sent     int64 // passed on, unparsed ones included
	Filtered int64 // left out by the source's filters
	Foreign  int64 // left out by the parser as not of its format: Record.Foreign
}

// Implausible reports whether nothing of an object remains but records that are
// not of its source's format. Such an object is not what its source says, and
// must not count as delivered. The Tally must be of the whole object.
func (t Tally) Implausible() bool { return t.Foreign > 0 && t.Sent+t.Filtered == 0 }

// AllFiltered reports whether the source's filters left nothing of an object.
func (t Tally) AllFiltered() bool { return t.Filtered > 0 && t.Sent == 0 }

// fewForeign is how many foreign records an object may have however few others
// there are: a block of lines that a vendor writes in front of its records is
// no longer.
const fewForeign = 20

// MostlyForeign reports whether more than half of an object, and not just a few
// records, was left out as not of its format, although something remained. Such
// an object counts as delivered, and may well be another than its source says.
func (t Tally) MostlyForeign() bool {
	kept := t.Sent + t.Filtered
	return kept > 0 && t.Foreign > max(kept, fewForeign)
}
