package account

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/devo-s3/collector/watch"
)

type mappings struct {
	lambda   *lambda.Client
	function string
	queues   []string
}

// Mappings are the event-source mappings from those queues to a function: its
// name or ARN, with its alias where the mappings are on one.
func (a *Account) Mappings(function string, queueARNs []string) watch.Mappings {
	return &mappings{lambda.NewFromConfig(a.config), function, queueARNs}
}

// List implements watch.Mappings.
func (m *mappings) List(ctx context.Context) (all []watch.Mapping, err error) {
	found, err := mappingsOn(ctx, m.lambda, m.function)
	for _, one := range found {
		queue := aws.ToString(one.EventSourceArn)
		if slices.Contains(m.queues, queue) {
			all = append(all, watch.Mapping{ID: aws.ToString(one.UUID), Queue: queue, Status: statusOfMapping(aws.ToString(one.State))})
		}
	}
	return all, err
}

// mappingsOn are all event-source mappings on a function, none if there is an
// error.
func mappingsOn(ctx context.Context, api *lambda.Client, function string) (all []lambdatypes.EventSourceMappingConfiguration, err error) {
	pages := lambda.NewListEventSourceMappingsPaginator(api, &lambda.ListEventSourceMappingsInput{FunctionName: &function})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the event-source mappings of %s: %w", function, err)
		}
		all = append(all, page.EventSourceMappings...)
	}
	return all, nil
}

// statusOfMapping reads a mapping's State; Creating, Updating and Deleting are
// watch.Busy.
// https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html
func statusOfMapping(state string) watch.Status {
	switch state {
	case "Enabled", "Enabling":
		return watch.On
	case "Disabled", "Disabling":
		return watch.Off
	}
	return watch.Busy
}

// Set implements watch.Mappings. Lambda refuses while an earlier change is under
// way.
func (m *mappings) Set(ctx context.Context, id string, on bool) error {
	_, err := m.lambda.UpdateEventSourceMapping(ctx, &lambda.UpdateEventSourceMappingInput{UUID: &id, Enabled: &on})
	if err != nil {
		return fmt.Errorf("set event-source mapping %s to enabled %t: %w", id, on, err)
	}
	return nil
}

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
