package local

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// ways are those that Notify made and keep takes, each with its bucket.
func (s *s3Store) waysOf(keep func(*s3Bucket, Notification) bool) (found []way) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, b := range s.buckets {
		for _, n := range b.ways {
			if keep(b, n) {
				found = append(found, way{b, n})
			}
		}
	}
	slices.SortFunc(found, func(a, b way) int { return strings.Compare(a.bucket.name, b.bucket.name) })
	return found
}

type way struct {
	bucket *s3Bucket
	Notification
}

// bySNS reports whether a topic is on the way.
func (n Notification) bySNS() bool { return n.Via == ViaSNS || n.Via == ViaSNSRaw }

// snsService answers who is subscribed to the topics of Notify, in the query
// protocol. https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
type snsService struct{ store *s3Store }

type (
	subscription struct {
		ARN      string `xml:"SubscriptionArn"`
		Owner    string
		Protocol string
		Endpoint string
		TopicARN string `xml:"TopicArn"`
	}
	listSubscriptionsResponse struct {
		XMLName       xml.Name       `xml:"http://sns.amazonaws.com/doc/2010-03-31/ ListSubscriptionsByTopicResponse"`
		Subscriptions []subscription `xml:"ListSubscriptionsByTopicResult>Subscriptions>member"`
	}
	attribute struct {
		Key   string `xml:"key"`
		Value string `xml:"value"`
	}
	subscriptionAttributesResponse struct {
		XMLName    xml.Name    `xml:"http://sns.amazonaws.com/doc/2010-03-31/ GetSubscriptionAttributesResponse"`
		Attributes []attribute `xml:"GetSubscriptionAttributesResult>Attributes>entry"`
	}
)

func (s *snsService) serve(w http.ResponseWriter, r *http.Request, body []byte, who caller) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		badRequest("ValidationError", err.Error()).write(w, r, "sns")
		return
	}
	missing := &refusal{status: http.StatusNotFound, code: "NotFound", message: "Topic or subscription does not exist"}
	switch action := form.Get("Action"); action {
	case "ListSubscriptionsByTopic":
		found := s.store.waysOf(func(_ *s3Bucket, n Notification) bool { return n.bySNS() && n.Topic == form.Get("TopicArn") })
		switch {
		case len(found) == 0:
			missing.write(w, r, "sns")
			return
		case accountOf(found[0].Topic) != who.Account:
			deny("sns", denied, notAuthorized(who, "sns:"+action, found[0].Topic)).write(w, r, "sns")
			return
		}
		var out listSubscriptionsResponse
		for _, f := range found {
			out.Subscriptions = append(out.Subscriptions, subscription{f.subscription(), accountOf(f.Queue), "sqs", f.Queue, f.Topic})
		}
		writeQuery(w, http.StatusOK, out)
	case "GetSubscriptionAttributes":
		found := s.store.waysOf(func(_ *s3Bucket, n Notification) bool {
			return n.bySNS() && !n.Off && n.subscription() == form.Get("SubscriptionArn")
		})
		if len(found) == 0 {
			missing.write(w, r, "sns")
			return
		}
		out := subscriptionAttributesResponse{Attributes: []attribute{{"PendingConfirmation", "false"}, {"Endpoint", found[0].Queue}}}
		if found[0].Filter != "" {
			out.Attributes = append(out.Attributes, attribute{"FilterPolicy", found[0].Filter})
		}
		writeQuery(w, http.StatusOK, out)
	default:
		badRequest("InvalidAction", "Could not find operation "+action).write(w, r, "sns")
	}
}

// subscription is the ARN of the queue's to the topic.
func (n Notification) subscription() string {
	if n.Off {
		return "PendingConfirmation"
	}
	return n.Topic + ":" + n.Queue[strings.LastIndex(n.Queue, ":")+1:]
}

// eventsService answers what rules of the default bus send to a queue.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRuleNamesByTarget.html
type eventsService struct{ store *s3Store }

func (s *eventsService) serve(w http.ResponseWriter, r *http.Request, body []byte, who caller) {
	serveActions(w, r, map[string]action{
		"ListRuleNamesByTarget": typed(s.list), "DescribeRule": typed(s.describe), "TestEventPattern": typed(testEventPattern),
	}, body, who)
}

type (
	rulesIn struct {
		TargetARN string `json:"TargetArn"`
	}
	rulesOut struct{ RuleNames []string }
	ruleIn   struct{ Name string }
	ruleOut  struct{ Name, State, EventPattern string }
)

func (s *eventsService) list(c call, in rulesIn) (out rulesOut, _ error) {
	for _, f := range s.rules(c, func(n Notification) bool { return n.Queue == in.TargetARN }) {
		out.RuleNames = append(out.RuleNames, f.rule())
	}
	return out, nil
}

func (s *eventsService) describe(c call, in ruleIn) (ruleOut, error) {
	for _, f := range s.rules(c, func(Notification) bool { return true }) {
		if f.rule() == in.Name {
			state := map[bool]string{false: "ENABLED", true: "DISABLED"}[f.Off]
			return ruleOut{in.Name, state, f.pattern()}, nil
		}
	}
	return ruleOut{}, &fault{kind: "com.amazonaws.events#ResourceNotFoundException", message: "Rule " + in.Name + " does not exist on EventBus default."}
}

// rules are the caller's account's.
func (s *eventsService) rules(c call, keep func(Notification) bool) []way {
	return s.store.waysOf(func(b *s3Bucket, n Notification) bool {
		return n.Via == ViaEventBridge && b.owner == c.who.Account && keep(n)
	})
}

func (w way) rule() string { return "rule-" + w.bucket.name }

// pattern is the rule's.
func (w way) pattern() string {
	if w.Pattern != "" {
		return w.Pattern
	}
	return compact(map[string]any{
		"source": []string{"aws.s3"}, "detail-type": []string{"Object Created"},
		"detail": map[string]any{"bucket": map[string]any{"name": []string{w.bucket.name}}},
	})
}
