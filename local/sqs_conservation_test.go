package local

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// TestNothingIsLostOrDoubled has eight pollers delete, let go and give back
// while messages arrive and the clock leaps: at the end every message was
// deleted once, or is dead.
func TestNothingIsLostOrDoubled(t *testing.T) {
	const senders, each, pollers = 4, 50, 8
	b := newSQSBench(t)
	_, dead := b.queue("dead", QueueOptions{})
	url, arn := b.queue("in", QueueOptions{Visibility: maxVisibility, DLQ: dead, MaxReceive: 3})

	for s := range senders {
		go func() {
			for i := range each {
				body := strconv.Itoa(s) + "/" + strconv.Itoa(i)
				if _, err := b.client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: &body}); err != nil {
					t.Error(err)
				}
			}
		}()
	}

	ctx, finish := context.WithCancel(t.Context())
	defer finish()
	var mu sync.Mutex
	times := map[string]int{} // deleted, by body
	finishIfAllAreDone := func() {
		mu.Lock()
		defer mu.Unlock()
		if len(times)+len(b.Messages(dead)) == senders*each {
			finish()
		}
	}
	var polling sync.WaitGroup
	for p := range pollers {
		polling.Go(func() {
			in := &sqs.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: 10}
			if p%2 == 0 {
				in.WaitTimeSeconds = 20
			}
			for n := p; ; n++ {
				out, err := b.client.ReceiveMessage(ctx, in)
				if ctx.Err() != nil {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				if len(out.Messages) == 0 { // no leap is as long as a message is in hand
					b.clock.Advance(10 * time.Second)
				}
				for i, m := range out.Messages {
					var err error
					switch (n + i) % 3 {
					case 0:
						err = b.delete(url, m)
						mu.Lock()
						times[*m.Body]++
						mu.Unlock()
					case 1:
						err = b.hide(url, m, 0)
					case 2:
						err = b.hide(url, m, 30*time.Second)
					}
					if err != nil {
						t.Error(err)
					}
				}
				finishIfAllAreDone()
			}
		})
	}
	polling.Wait()

	if left := b.Messages(arn); len(left) != 0 {
		t.Errorf("%d messages are left, such as %+v", len(left), left[0])
	}
	for _, m := range b.Messages(dead) {
		times[m.Body]++
	}
	if len(times) != senders*each {
		t.Errorf("%d messages are accounted for, want %d", len(times), senders*each)
	}
	for body, n := range times {
		if n != 1 {
			t.Errorf("message %s is accounted for %d times", body, n)
		}
	}
}
