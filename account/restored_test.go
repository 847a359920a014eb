package account

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// While a restore lasts, the object cannot be read.
func TestWhatIsRestored(t *testing.T) {
	end := aws.Time(time.Unix(1<<31, 0))
	for name, c := range map[string]struct {
		status *types.RestoreStatus
		want   bool
	}{
		"never":       {nil, false},
		"in progress": {&types.RestoreStatus{IsRestoreInProgress: aws.Bool(true)}, false},
		"again":       {&types.RestoreStatus{IsRestoreInProgress: aws.Bool(true), RestoreExpiryDate: end}, false},
		"restored":    {&types.RestoreStatus{IsRestoreInProgress: aws.Bool(false), RestoreExpiryDate: end}, true},
		"empty":       {&types.RestoreStatus{}, false},
	} {
		if got := isRestored(c.status); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
