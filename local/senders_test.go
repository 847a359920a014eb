package local

import "testing"

// What lies between bucket and queue can keep every message back.
func TestWhatLiesBetweenBucketAndQueue(t *testing.T) {
	for name, c := range map[string]struct {
		way  Notification
		want int // messages behind s3:TestEvent
	}{
		"by SNS":                 {Notification{Via: ViaSNSRaw}, 1},
		"a filter policy":        {Notification{Via: ViaSNSRaw, Filter: `{"kind":["log"]}`}, 0},
		"not confirmed":          {Notification{Via: ViaSNSRaw, Off: true}, 0},
		"by EventBridge":         {Notification{Via: ViaEventBridge}, 1},
		"disabled":               {Notification{Via: ViaEventBridge, Off: true}, 0},
		"a pattern that matches": {Notification{Via: ViaEventBridge, Pattern: `{"detail":{"object":{"key":[{"prefix":"app/"}]}}}`}, 1},
		"one that does not":      {Notification{Via: ViaEventBridge, Pattern: `{"detail":{"object":{"key":[{"suffix":".gz"}]}}}`}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := Start(Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = a.Close() })
			c.way.Queue = a.CreateQueue("logs", QueueOptions{})
			if err := a.CreateBucket("logs", BucketOptions{}); err != nil {
				t.Fatal(err)
			}
			if err := a.Notify("logs", c.way); err != nil {
				t.Fatal(err)
			}
			before := len(a.Messages(c.way.Queue))
			if err := a.Put("logs", "app/x.log", nil); err != nil {
				t.Fatal(err)
			}
			if got := len(a.Messages(c.way.Queue)) - before; got != c.want {
				t.Errorf("%d messages, want %d", got, c.want)
			}
		})
	}
}

func TestEventPatterns(t *testing.T) {
	const event = `{"source":"aws.s3","n":1,"detail":{"object":{"key":"app/a*b.log"}}}`
	key := func(choices string) string { return `{"detail":{"object":{"key":[` + choices + `]}}}` }
	for pattern, want := range map[string]bool{
		`{"source":["x","aws.s3"]}`:                true,
		`{"source":["x"]}`:                         false,
		`{"absent":["x"]}`:                         false,
		`{"n":[1]}`:                                true,
		key(`{"prefix":"app/"}`):                   true,
		key(`{"prefix":"web/"}`):                   false,
		key(`{"suffix":".log"}`):                   true,
		key(`{"wildcard":"app/*.log"}`):            true,
		key(`{"wildcard":"*a\\*b*"}`):              true,
		key(`{"wildcard":"app/*.gz"}`):             false,
		key(`{"wildcard":"app/a?b.log"}`):          false,
		key(`{"anything-but":"x"}`):                true,
		key(`{"anything-but":["app/a*b.log"]}`):    false,
		key(`{"prefix":"web/"},{"suffix":".log"}`): true,
	} {
		if got, err := patternMatches(pattern, event); err != nil || got != want {
			t.Errorf("%s: %t, %v", pattern, got, err)
		}
	}
	for _, pattern := range []string{`{"source":"aws.s3"}`, key(`{"cidr":"x"}`), `[]`} {
		if _, err := patternMatches(pattern, event); err == nil {
			t.Errorf("%s: no error", pattern)
		}
	}
}
