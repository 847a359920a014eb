package stack

import (
	"encoding/json"

	"github.com/devo-s3/collector/local"
)

// deliveries are the deployment file's words for the ways from a bucket.
var deliveries = map[string]string{local.ViaSQS: "s3", local.ViaSNS: "sns", local.ViaEventBridge: "eventbridge"}

// Delivery is how the deployment's file says that S3 tells the queue.
func (f *Feed) Delivery() string { return deliveries[f.Via] }

// queuePolicy is what the customer's stack gives a queue. The emulated account
// keeps it, and does not enforce it.
func queuePolicy(queue, bucket, via string) string {
	type object = map[string]any
	role := func(sid, arn string, actions ...string) object {
		return object{
			"Sid": sid, "Effect": "Allow", "Principal": object{"AWS": "arn:aws:iam::" + DevoAccount + ":root"}, "Action": actions, "Resource": queue,
			"Condition": object{"ArnEquals": object{"aws:PrincipalArn": arn}},
		}
	}
	service, from := "s3.amazonaws.com", "arn:aws:s3:::"+bucket
	switch via {
	case local.ViaSNS:
		service, from = "sns.amazonaws.com", "arn:aws:sns:"+Region+":"+CustomerAccount+":"+bucket+"-events"
	case local.ViaEventBridge:
		service, from = "events.amazonaws.com", "arn:aws:events:"+Region+":"+CustomerAccount+":rule/"+bucket
	}
	text, err := json.Marshal(object{"Version": "2012-10-17", "Statement": []object{
		role("Collector", ExecutionRole, "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
		role("Watch", WatchRole, "sqs:GetQueueAttributes"),
		{"Sid": "TLSOnly", "Effect": "Deny", "Principal": object{"AWS": "*"}, "Action": "sqs:*", "Resource": queue, "Condition": object{"Bool": object{"aws:SecureTransport": "false"}}},
		{"Sid": "Sender", "Effect": "Allow", "Principal": object{"Service": service}, "Action": "sqs:SendMessage", "Resource": queue, "Condition": object{"ArnEquals": object{"aws:SourceArn": from}}},
	}})
	if err != nil {
		panic(err) // strings can be marshalled
	}
	return string(text)
}
