package account

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// This file is how things are set up, as `collector doctor` asks. Nothing here
// changes anything.

// IsDenied tells whether AWS refused a call for want of a permission.
func IsDenied(err error) bool {
	var api smithy.APIError
	return statusOf(err) == http.StatusForbidden || errors.As(err, &api) && strings.Contains(api.ErrorCode(), "AccessDenied")
}

// IsMissing tells whether what a call was about is not there.
func IsMissing(err error) bool {
	var api smithy.APIError
	return statusOf(err) == http.StatusNotFound ||
		errors.As(err, &api) && (strings.Contains(api.ErrorCode(), "NotFound") || strings.Contains(api.ErrorCode(), "DoesNotExist"))
}

// WhoAmI is the ARN behind the Account's own credentials, and how far this
// machine's clock is ahead of AWS's, to a second or so.
func (a *Account) WhoAmI(ctx context.Context) (arn string, ahead time.Duration, err error) {
	out, err := sts.NewFromConfig(a.config).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", 0, fmt.Errorf("ask who these credentials are: %w", err)
	}
	server, _ := awsmiddleware.GetServerTime(out.ResultMetadata)
	got, ok := awsmiddleware.GetResponseAt(out.ResultMetadata)
	if ok && !server.IsZero() {
		ahead = got.Sub(server)
	}
	return aws.ToString(out.Arn), ahead, nil
}

// TryRole assumes a role, and forgets the session; externalID may be "".
func (a *Account) TryRole(ctx context.Context, roleARN, externalID string) error {
	_, err := a.assume(roleID{arn: roleARN, externalID: externalID}).Retrieve(ctx)
	if err != nil {
		return fmt.Errorf("assume %s: %w", roleARN, err)
	}
	return nil
}

// QueueSettings are how a queue is set up, and roughly how much is in it.
type QueueSettings struct {
	URL                   string
	Visibility, Retention time.Duration
	DLQ                   string // ARN; "" if messages are never given up
	MaxReceive            int
	Policy                string // JSON; "" if there is none
	Key                   string // id, ARN or alias of the KMS key that encrypts it; "" if SQS's own or none does
	Depth                 int64
}

// QueueSettings reads those of a queue under a role; "" is the Account's own
// credentials.
func (a *Account) QueueSettings(ctx context.Context, queueARN, roleARN, externalID string) (s QueueSettings, err error) {
	if s.URL, err = queueURL(queueARN); err != nil {
		return s, err
	}
	out, err := sqs.NewFromConfig(a.role(roleID{arn: roleARN, externalID: externalID}).config).GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &s.URL, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		return s, fmt.Errorf("read the attributes of %s: %w", queueARN, err)
	}
	number := func(name types.QueueAttributeName) int64 {
		n, _ := strconv.ParseInt(out.Attributes[string(name)], 10, 64) // SQS's own number
		return n
	}
	s.Visibility = time.Duration(number(types.QueueAttributeNameVisibilityTimeout)) * time.Second
	s.Retention = time.Duration(number(types.QueueAttributeNameMessageRetentionPeriod)) * time.Second
	s.Policy = out.Attributes[string(types.QueueAttributeNamePolicy)]
	s.Key = out.Attributes[string(types.QueueAttributeNameKmsMasterKeyId)]
	for _, name := range counted {
		s.Depth += number(name)
	}
	var redrive struct {
		DeadLetterTargetArn string
		MaxReceiveCount     json.Number // SQS takes it in quotes, too
	}
	// "" is none.
	_ = json.Unmarshal([]byte(out.Attributes[string(types.QueueAttributeNameRedrivePolicy)]), &redrive)
	most, _ := redrive.MaxReceiveCount.Int64()
	s.DLQ, s.MaxReceive = redrive.DeadLetterTargetArn, int(most)
	return s, nil
}

// TableSettings are how the ledger's table is set up.
type TableSettings struct {
	Status string // DynamoDB's word: ACTIVE
	Keys   string // as "id S HASH", joined by commas
	TTL    string // the attribute, "" if there is none in force
}

// TableSettings reads those of a table.
func (a *Account) TableSettings(ctx context.Context, table string) (s TableSettings, err error) {
	db := a.dynamodb()
	out, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table})
	if err != nil {
		return s, fmt.Errorf("describe table %s: %w", table, err)
	}
	kinds := make(map[string]string)
	for _, d := range out.Table.AttributeDefinitions {
		kinds[aws.ToString(d.AttributeName)] = string(d.AttributeType)
	}
	var keys []string
	for _, k := range out.Table.KeySchema {
		keys = append(keys, aws.ToString(k.AttributeName)+" "+kinds[aws.ToString(k.AttributeName)]+" "+string(k.KeyType))
	}
	s.Status, s.Keys = string(out.Table.TableStatus), strings.Join(keys, ", ")
	ttl, err := db.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &table})
	if err != nil {
		return s, fmt.Errorf("describe the time to live of table %s: %w", table, err)
	}
	if d := ttl.TimeToLiveDescription; d != nil && strings.HasPrefix(string(d.TimeToLiveStatus), "ENABL") {
		s.TTL = aws.ToString(d.AttributeName)
	}
	return s, nil
}
