package config

import (
	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

// SpoolMiB is the longest file in MiB that a source of the queue asks to spool
// to /tmp; 0 if none asks.
func (q Queue) SpoolMiB() int { return spool(q.Sources) }

func spool(set sources.Set) int {
	most := 0
	for _, s := range set {
		if o, ok := s.Definition().Options.(*parsers.ParquetOptions); ok {
			most = max(most, o.SpoolMiB)
		}
		most = max(most, spool(s.Members()))
	}
	return most
}
