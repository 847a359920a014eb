// Package senders is what lies between a customer's bucket and its queue, as the
// operators look at it: subscriptions of SNS topics and rules of EventBridge.
// The functions never ask; their binaries are without the SDK's sns and
// eventbridge.
package senders

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/devo-s3/collector/account"
)

// Senders are the topics and rules of a customer's account.
type Senders struct{ config aws.Config }

// New returns those seen by a role; "" is the Account's own credentials. It
// makes no call.
func New(a *account.Account, roleARN, externalID string) *Senders {
	return &Senders{a.ConfigOf(roleARN, externalID)}
}

// A Subscription is a queue's, to a topic.
type Subscription struct {
	ARN     string
	Pending bool   // not confirmed yet: nothing is delivered
	Filter  string // the filter policy, JSON; "" if there is none
}

// Subscription finds a queue's subscription to a topic, whose region may be
// another. found is false if there is none.
func (s *Senders) Subscription(ctx context.Context, topicARN, queueARN string) (found bool, of Subscription, err error) {
	topic, err := arn.Parse(topicARN)
	if err != nil {
		return false, of, fmt.Errorf("topic %q: %w", topicARN, err)
	}
	client := sns.NewFromConfig(s.config, func(o *sns.Options) { o.Region = topic.Region })
	pages := sns.NewListSubscriptionsByTopicPaginator(client, &sns.ListSubscriptionsByTopicInput{TopicArn: &topicARN})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return false, of, fmt.Errorf("list the subscriptions of %s: %w", topicARN, err)
		}
		for _, one := range page.Subscriptions {
			if aws.ToString(one.Endpoint) != queueARN {
				continue
			}
			of.ARN = aws.ToString(one.SubscriptionArn)
			if !strings.HasPrefix(of.ARN, "arn:") { // "PendingConfirmation"
				of.Pending = true
				return true, of, nil
			}
			return s.subscription(ctx, client, of)
		}
	}
	return false, of, nil
}

func (s *Senders) subscription(ctx context.Context, client *sns.Client, of Subscription) (bool, Subscription, error) {
	out, err := client.GetSubscriptionAttributes(ctx, &sns.GetSubscriptionAttributesInput{SubscriptionArn: &of.ARN})
	if err != nil {
		return true, of, fmt.Errorf("read the attributes of subscription %s: %w", of.ARN, err)
	}
	of.Pending = out.Attributes["PendingConfirmation"] == "true"
	of.Filter = out.Attributes["FilterPolicy"]
	return true, of, nil
}

// A Rule is one of EventBridge's that has a queue as a target.
type Rule struct {
	Name    string
	Enabled bool
	Pattern string // JSON; "" for a schedule
}

// Rules are those of the default event bus of a queue's region that send to it.
func (s *Senders) Rules(ctx context.Context, queueARN string) (rules []Rule, err error) {
	client, err := s.bus(queueARN)
	if err != nil {
		return nil, err
	}
	in := &eventbridge.ListRuleNamesByTargetInput{TargetArn: &queueARN}
	for {
		out, err := client.ListRuleNamesByTarget(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("list the rules that send to %s: %w", queueARN, err)
		}
		for _, name := range out.RuleNames {
			rule, err := client.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: &name})
			if err != nil {
				return nil, fmt.Errorf("describe rule %s: %w", name, err)
			}
			rules = append(rules, Rule{name, rule.State != types.RuleStateDisabled, aws.ToString(rule.EventPattern)})
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return rules, nil
		}
	}
}

func (s *Senders) bus(queueARN string) (*eventbridge.Client, error) {
	queue, err := arn.Parse(queueARN)
	if err != nil {
		return nil, fmt.Errorf("queue %q: %w", queueARN, err)
	}
	return eventbridge.NewFromConfig(s.config, func(o *eventbridge.Options) { o.Region = queue.Region }), nil
}

// Matches reports whether EventBridge itself takes an event of that detail-type,
// about an object of a bucket, for one that a rule's pattern matches.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
func (s *Senders) Matches(ctx context.Context, r Rule, queueARN, detailType, bucket, region, key string) (bool, error) {
	if r.Pattern == "" {
		return false, nil
	}
	client, err := s.bus(queueARN)
	if err != nil {
		return false, err
	}
	queue, _ := arn.Parse(queueARN) // bus has looked
	event, err := json.Marshal(map[string]any{
		"version": "0", "id": "00000000-0000-0000-0000-000000000000", "detail-type": detailType, "source": "aws.s3",
		"account": queue.AccountID, "time": "2026-01-01T00:00:00Z", "region": region, "resources": []string{"arn:" + queue.Partition + ":s3:::" + bucket},
		"detail": map[string]any{
			"version": "0", "bucket": map[string]string{"name": bucket},
			"object": map[string]any{"key": key, "size": 1, "etag": "00000000000000000000000000000000", "sequencer": "00"},
			"reason": "PutObject",
		},
	})
	if err != nil {
		return false, err
	}
	out, err := client.TestEventPattern(ctx, &eventbridge.TestEventPatternInput{Event: aws.String(string(event)), EventPattern: &r.Pattern})
	if err != nil {
		return false, fmt.Errorf("test the pattern of rule %s: %w", r.Name, err)
	}
	return out.Result, nil
}
