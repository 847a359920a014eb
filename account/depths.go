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

// counted are the attributes that add up to a queue's depth, first those that can
// be received.
var counted = []types.QueueAttributeName{
	types.QueueAttributeNameApproximateNumberOfMessages,
	types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
	types.QueueAttributeNameApproximateNumberOfMessagesDelayed,
}

// Depth implements watch.Depths.
func (d depths) Depth(ctx context.Context, queueARN string) (depth watch.Depth, err error) {
	url, err := queueURL(queueARN)
	if err != nil {
		return depth, err
	}
	out, err := d.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: counted})
	if err != nil {
		return depth, fmt.Errorf("read the attributes of %s: %w", queueARN, err)
	}
	for i, name := range counted {
		n, err := strconv.ParseInt(out.Attributes[string(name)], 10, 64)
		if err != nil {
			return watch.Depth{}, fmt.Errorf("read the attributes of %s: %s: %w", queueARN, name, err)
		}
		if i == 0 {
			depth.Waiting = n
		} else {
			depth.Hidden += n
		}
	}
	return depth, nil
}
