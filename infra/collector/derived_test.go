package collector

import (
	"strings"
	"testing"
	"time"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/infra/cdktest"
)

func TestMemoryLimitLeavesRoomForWhatGoDoesNotCount(t *testing.T) {
	for memory := 128; memory <= 10240; memory++ {
		limit := memoryLimit(memory)
		if limit < memory/2 || memory-limit < 48 || memory-limit < memory/10 {
			t.Fatalf("of %d MiB Go has %d", memory, limit)
		}
	}
}

// TestEndingIsWhatDeliveryKeeps: an invocation that ends by plan never sets off
// near-timeout, whatever the confirmation takes.
func TestEndingIsWhatDeliveryKeeps(t *testing.T) {
	for confirm := time.Second; confirm <= 5*time.Minute; confirm += time.Second {
		if kept := delivery.Margin(confirm) - confirm; kept < ending {
			t.Fatalf("with confirm_timeout %s delivery keeps %s beyond it, and the alarm wants %s", confirm, kept, ending)
		}
	}
}

func TestThresholdsFollowTimeoutAndVisibility(t *testing.T) {
	for timeout := 3 * time.Minute; timeout <= 15*time.Minute; timeout += 7 * time.Second {
		for window := time.Duration(0); window <= 5*time.Minute; window += 11 * time.Second {
			visibility := 6*timeout + window
			c := &config.Config{Timeout: timeout, Queues: []config.Queue{{Visibility: time.Hour}, {Visibility: visibility}}}
			if got := lateAfter(c); got != max(visibility, time.Hour)+10*time.Minute {
				t.Fatalf("late after %s with visibility %s", got, visibility)
			}
			if got := continuationVisibility(c); got < 6*timeout || got > 12*time.Hour {
				t.Fatalf("the continuation's visibility is %s with timeout %s", got, timeout)
			}
			if near := timeout - ending; near < timeout*8/10 || near >= timeout {
				t.Fatalf("near-timeout is %s of %s", near, timeout)
			}
		}
	}
}

func TestStorageHoldsABatchOfSpooledFiles(t *testing.T) {
	spooling := func(options string) string {
		return strings.Replace(small, "sources: [aws_sqs_cloudtrail]", `batch_size: 4
    sources: [{name: acme_flows, keys: ["**"], format: parquet, tag: my.app.acme.flows, options: {`+options+`}}]`, 1)
	}
	for name, c := range map[string]struct {
		yaml string
		want int
	}{
		"nothing asked":          {small, 512},
		"parquet by default":     {spooling(""), 512},
		"less than there is":     {spooling("spool_mib: 100"), 512},
		"four side by side":      {spooling("spool_mib: 900"), 3600},
		"more than there can be": {spooling("spool_mib: 9000"), 10240},
	} {
		t.Run(name, func(t *testing.T) {
			if got := storage(cdktest.Config(t, c.yaml)); got != c.want {
				t.Errorf("%d MiB, want %d", got, c.want)
			}
		})
	}
}

// TestWaitIsLongerThanAnyDelay: not-polled must not take a message that
// delivery hides for one that nobody polls.
func TestWaitIsLongerThanAnyDelay(t *testing.T) {
	if longest := 90 * time.Minute * 5 / 4; longestDelay <= longest {
		t.Errorf("not-polled waits %s, and a message may be hidden for %s", longestDelay, longest)
	}
}
