package stack

import "github.com/devo-s3/collector/local"

// OperatorRole is the customer's role for Devo's people, LogGroup where the
// function's lines are kept.
const (
	OperatorRole = "arn:aws:iam::" + CustomerAccount + ":role/devo-xs-operator-role"
	LogGroup     = "/aws/lambda/devo-s3-collector-acme"
)

// createOperatorRole lets Devo's people look into the customer's queues,
// redrive, and list and read the buckets.
func (s *Stack) createOperatorRole() {
	look := local.Statement{Actions: []string{
		"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage",
		"sqs:CancelMessageMoveTask", "sqs:ListMessageMoveTasks", "sqs:StartMessageMoveTask",
	}}
	send := local.Statement{Actions: []string{"sqs:SendMessage"}}
	list := local.Statement{Actions: []string{
		"s3:ListBucket", "s3:ListBucketVersions", "s3:GetObject", "s3:GetObjectVersion", "s3:GetBucketNotification",
		"s3:GetBucketOwnershipControls", "s3:GetEncryptionConfiguration",
	}}
	for _, f := range s.Feeds {
		look.Resources, send.Resources = append(look.Resources, f.ARN, f.DLQ), append(send.Resources, f.ARN)
		list.Resources = append(list.Resources, "arn:aws:s3:::"+f.Bucket, "arn:aws:s3:::"+f.Bucket+"/*")
	}
	s.Account.CreateRole(local.Role{
		ARN:   OperatorRole,
		Trust: local.Trust{Principals: []string{"arn:aws:iam::" + DevoAccount + ":root"}, ExternalID: ExternalID},
		Allow: []local.Statement{look, send, list},
	})
}

// logged has the account's log group keep the function's lines, too.
func (s *Stack) logged(also func(requestID string, line []byte)) func(string, []byte) {
	return func(requestID string, line []byte) {
		s.Account.Log(LogGroup, line)
		if also != nil {
			also(requestID, line)
		}
	}
}
