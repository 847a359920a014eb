package local

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"
)

// What is shown again in flight can be received again, and the first receipt is
// good for nothing then.
func TestRedeliverShowsWhatIsInFlight(t *testing.T) {
	b := newSQSBench(t)
	url, arn := b.queue("q", QueueOptions{Visibility: time.Hour})
	b.send(url, "a", "b", "c")
	first := b.receive(url)
	if n := b.Redeliver(arn, 2); n != 2 {
		t.Errorf("%d shown, want 2", n)
	}
	again := b.receive(url)
	if len(again) != 2 || again[0].Attributes["ApproximateReceiveCount"] != "2" {
		t.Fatalf("%+v", again)
	}
	if err := b.delete(url, first[0]); err != nil {
		t.Error(err)
	}
	if n := len(b.Messages(arn)); n != 3 {
		t.Errorf("an old receipt deleted: %d left", n)
	}
}

func TestShuffle(t *testing.T) {
	b := newSQSBench(t)
	url, arn := b.queue("q", QueueOptions{})
	var sent, got []string
	for i := range 20 {
		sent = append(sent, strconv.Itoa(i))
	}
	b.send(url, sent...)
	if n := b.Shuffle(arn, rand.New(rand.NewPCG(1, 1))); n != len(sent) {
		t.Errorf("%d were waiting", n)
	}
	for _, m := range b.Messages(arn) {
		got = append(got, m.Body)
	}
	if slices.Equal(got, sent) {
		t.Error("nothing moved")
	}
	slices.Sort(got)
	slices.Sort(sent)
	if !slices.Equal(got, sent) {
		t.Errorf("%q", got)
	}
}
