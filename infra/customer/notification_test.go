package customer

import (
	"encoding/json"
	"testing"

	"github.com/devo-s3/collector/config"
)

// CloudFormation takes one event an entry, S3's API several.
func TestNotificationsOfRestoredObjects(t *testing.T) {
	n := newNotification(nil, &config.Queue{ARN: "arn:q", Delivery: "s3"}, config.Bucket{Name: "logs", Restored: true})
	for _, c := range []struct {
		made any
		want string
	}{
		{configuration([]notification{n}), `{"queueConfigurations":[{"event":"s3:ObjectCreated:*","queue":"arn:q"},{"event":"s3:ObjectRestore:Completed","queue":"arn:q"}]}`},
		{n.addition("q"), `{"QueueConfigurations":[{"Events":["s3:ObjectCreated:*","s3:ObjectRestore:Completed"],"Id":"q-1","QueueArn":"arn:q"}]}`},
	} {
		if got, err := json.Marshal(c.made); err != nil || string(got) != c.want {
			t.Errorf("%s, %v; want %s", got, err, c.want)
		}
	}
}
