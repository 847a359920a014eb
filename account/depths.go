package account

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/devo-s3/collector/watch"
)

type depths struct{ sqs *sqs.Client }

// Depths looks into queues with the function's own role; in another account the
// queue's policy must let it read attributes.
func (a *Account) Depths() watch.Depths { return depths{sqs.NewFromConfig(a.config)} }

// counted are the attributes that add up to a queue's depth.
var counted = []types.QueueAttributeName{
	types.QueueAttributeNameApproximateNumberOfMessages,
	types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
	types.QueueAttributeNameApproximateNumberOfMessagesDelayed,
}

// Depth implements watch.Depths.
func (d depths) Depth(ctx context.Context, queueARN string) (sum int64, err error) {
	url, err := queueURL(queueARN)
	if err != nil {
		return 0, err
	}
	out, err := d.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: counted})
	if err != nil {
		return 0, fmt.Errorf("read the attributes of %s: %w", queueARN, err)
	}
	for _, name := range counted {
		n, err := strconv.ParseInt(out.Attributes[string(name)], 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read the attributes of %s: %s: %w", queueARN, name, err)
		}
		sum += n
	}
	return sum, nil
}
