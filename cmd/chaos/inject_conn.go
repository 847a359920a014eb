package main

import (
	"strings"
	"time"

	"github.com/devo-s3/collector/local"
)

// confirmTimeout is how long the far end may stand still. slowRate, bytes per second,
// has the 256 KiB of a connection that is confirmed take longer than that, and what a
// kernel holds for a slow reader, 128 KiB at most (tcp_rmem, tcp(7)), less: whether
// that moves cannot be seen from our end.
const (
	confirmTimeout = 5 * time.Second
	slowRate       = 40 << 10
)

// behave says how a connection is served: one in three by way of a load
// balancer, one in four by a proxy, all well, unless a strike waits.
func (in *injector) behave(conn int64) local.Behaviour {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.itself {
		return in.forgets(conn)
	}
	well := local.Behaviour{}
	if conn%3 == 0 {
		well = local.Behaviour{Hold: 4 << 20, BytesPerSecond: 8 << 20}
	}
	if conn%4 == 0 {
		well.Front = local.FrontPass
	}
	if in.Watch.Busy() > 0 {
		return well // it may be watch's
	}
	of := []kind{closesMidRecord, resets, neverReads, stalls, answersNothing, readsSlowly, balancerKilled, tlsRefused, tlsExpired}
	if in.learned {
		of = append(of, proxyLies)
	}
	s := in.next(of...)
	if s == nil {
		return well
	}
	in.conns[conn] = met{s, time.Now()}
	return s.behaviour(well)
}

// forgets is a balancer that answers the end itself, and one in ten that dies then.
// Under mu.
func (in *injector) forgets(conn int64) local.Behaviour {
	b := local.Behaviour{Hold: 4 << 20, BytesPerSecond: 32 << 10, Do: local.ActForget}
	if conn%10 == 0 {
		b.Delay = time.Millisecond
		in.deaths++
	}
	return b
}

// behaviour is what a strike makes of a connection that would be served well.
func (s *strike) behaviour(well local.Behaviour) local.Behaviour {
	switch s.Kind {
	case closesMidRecord:
		// Not behind a proxy: what that holds is not unread to the program's kernel, so
		// that its close_notify can cross ours, and be believed (docs/security.md).
		well.Do, well.After, well.Front = local.ActClose, s.Size, local.FrontNone
	case resets:
		well.Do, well.After = local.ActReset, s.Size
	case stalls:
		well.Do, well.After = local.ActStall, s.Size
	case neverReads:
		return local.Behaviour{Do: local.ActStall}
	case answersNothing:
		well.Do = local.ActSilent
	case readsSlowly:
		return local.Behaviour{BytesPerSecond: slowRate}
	case balancerKilled:
		return local.Behaviour{Hold: 4 << 20, BytesPerSecond: 64 << 10, Do: local.ActReset, After: s.Size}
	case proxyLies:
		return local.Behaviour{Front: local.FrontLie, Do: local.ActReset, After: s.Size}
	case tlsRefused:
		return local.Behaviour{TLS: local.TLSRefuse}
	case tlsExpired:
		return local.Behaviour{TLS: local.TLSExpired}
	}
	return well
}

// ended counts what a connection met.
func (in *injector) ended(c local.ConnState) {
	in.mu.Lock()
	defer in.mu.Unlock()
	m, ok := in.conns[c.ID]
	if !ok {
		return
	}
	delete(in.conns, c.ID)
	effect := c.End != "close_notify" && c.End != "reset" && c.End != "fin"
	if m.Kind == readsSlowly {
		effect = c.End == "close_notify" && time.Since(m.at) > confirmTimeout
	}
	in.meet(m.strike, effect)
}

// learns looks at a write to the ledger's table. Before the first close_notify of an
// endpoint is on record, a proxy's lie is believed: that is the default's stated window.
func (in *injector) learns(item map[string]any) {
	id, _ := item["id"].(string)
	at, _ := item["notified"].(int64)
	if !strings.HasPrefix(id, "endpoint#") || at == 0 {
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.learned = true
}
