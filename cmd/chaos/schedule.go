package main

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"
)

// A kind is what can go wrong.
type kind string

// The kinds. Where one meets what comes next, that is a connection, a GetObject
// or an invocation.
const (
	closesMidRecord kind = "receiver_closes_mid_record"
	resets          kind = "receiver_resets"
	stalls          kind = "receiver_stalls"
	neverReads      kind = "receiver_never_reads"
	answersNothing  kind = "receiver_answers_fin_with_nothing"
	refusesRecord   kind = "receiver_refuses_a_record"
	readsSlowly     kind = "receiver_reads_slowly"
	balancerKilled  kind = "balancer_killed"
	proxyLies       kind = "proxy_lies"

	tlsRefused kind = "tls_refused"
	tlsExpired kind = "tls_expired"
	tlsRotated kind = "tls_rotated"

	s3SlowDown    kind = "s3_slow_down"
	s3Error       kind = "s3_500"
	s3Reset       kind = "s3_reset_mid_body"
	s3Short       kind = "s3_short_body"
	s3Overwritten kind = "s3_etag_changed_midway"
	s3Coalesced   kind = "s3_notifications_coalesced"
	s3Hostile     kind = "s3_hostile_object"

	stsThrottled    kind = "sts_throttled"
	stsCut          kind = "sts_answer_cut"
	ledgerThrottled kind = "ledger_throttled"
	ledgerCut       kind = "ledger_answer_cut"

	sqsDuplicate  kind = "sqs_duplicate"
	sqsReordered  kind = "sqs_reordered"
	sqsExpired    kind = "sqs_expired_receipt"
	sqsCut        kind = "sqs_answer_cut"
	sqsReceiveCut kind = "sqs_received_messages_cut"

	killed       kind = "process_killed"
	terminated   kind = "process_terminated"
	frozen       kind = "process_frozen"
	outOfMemory  kind = "process_out_of_memory"
	tmpFull      kind = "process_tmp_full"
	clockStepped kind = "clock_stepped"
)

var kinds = []kind{
	closesMidRecord, resets, stalls, neverReads, answersNothing, refusesRecord, readsSlowly, balancerKilled, proxyLies,
	tlsRefused, tlsExpired, tlsRotated,
	s3SlowDown, s3Error, s3Reset, s3Short, s3Overwritten, s3Coalesced, s3Hostile,
	stsThrottled, stsCut, ledgerThrottled, ledgerCut,
	sqsDuplicate, sqsReordered, sqsExpired, sqsCut, sqsReceiveCut,
	killed, terminated, frozen, outOfMemory, tmpFull, clockStepped,
}

// rare are the kinds that cost much time, and come as often as they must.
var rare = map[kind]bool{
	stalls: true, neverReads: true, readsSlowly: true, proxyLies: true, frozen: true, tlsRotated: true, clockStepped: true, s3Hostile: true,
}

// A strike is one fault of the schedule. From At on it waits for what it can
// meet while records are in flight, and is done when it has had its effect.
type strike struct {
	Kind kind
	At   time.Duration // since the load began
	// Size and Count are what the kind makes of them: bytes, calls, messages.
	Size  int64
	Count int
	Wait  time.Duration
}

// least is how often each kind has to be met in a run of that long.
func least(minutes int) int {
	if minutes < 10 {
		return 1
	}
	return 5
}

// unmet are the kinds that have not been met as often as they have to be.
func unmet(met map[kind]int, minutes int) (all []kind) {
	for _, k := range kinds {
		if met[k] < least(minutes) && (k != frozen || minutes >= 10) {
			all = append(all, k)
		}
	}
	return all
}

// schedule is the run's faults, in order of time. It depends on the seed and
// the minutes alone.
func schedule(seed uint64, minutes int) (all []*strike) {
	r := rand.New(rand.NewPCG(seed, 0xc4a05))
	load := loadTime(minutes)
	for _, k := range kinds {
		n := 2 * minutes
		switch {
		case k == frozen && minutes < 10:
			continue // a minute, out of one
		case rare[k]:
			n = least(minutes) + least(minutes)/5
		}
		for i := range n {
			// One in each of n parts of the time, so that none waits for the end.
			part := load * 9 / 10 / time.Duration(n)
			all = append(all, &strike{
				Kind: k, At: part*time.Duration(i) + time.Duration(r.Int64N(int64(part))),
				Size: int64(1) << r.IntN(17), Count: 1 + r.IntN(8), Wait: time.Duration(1) << r.IntN(11) * time.Millisecond,
			})
		}
	}
	slices.SortStableFunc(all, func(a, b *strike) int { return cmp.Compare(a.At, b.At) })
	return all
}

// loadTime is how long objects are put: what is left of the minutes is for what
// is under way.
func loadTime(minutes int) time.Duration {
	return time.Duration(minutes)*time.Minute - min(time.Duration(minutes)*12*time.Second, 30*time.Second)
}
