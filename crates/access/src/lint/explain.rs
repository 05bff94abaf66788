//! What each finding means, and what to do.

mod example;

use model::FindingCode;

pub use example::Example;

/// Explains a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explanation {
    /// What it means, and why it matters.
    pub meaning: &'static str,
    /// What to do, as a clause.
    pub remedy: &'static str,
    /// How it is written wrongly and rightly, where a policy's document shows it.
    pub example: Option<Example>,
}

/// Returns the explanation of a finding.
pub fn explain(code: FindingCode) -> Explanation {
    let (meaning, remedy) = match code {
        FindingCode::OnlySelfServiceWithoutMfa => (
            "A session without MFA can do something other than manage the user's own password and devices. Whoever gets \
             hold of the password or of an access key can do it too.",
            "deny everything but self-service unless aws:MultiFactorAuthPresent is true, as the preset enforce-mfa does",
        ),
        FindingCode::NothingWithKey => (
            "A bare access key can manage the user's own password or devices. A stolen key can then enable a device of \
             the thief's and turn itself into a session with MFA.",
            "deny everything but sts:GetCallerIdentity and sts:GetSessionToken where `Null` of aws:MultiFactorAuthPresent is true",
        ),
        FindingCode::DeniedWithoutMfa => (
            "Nothing in the user's policies denies this without MFA; at best nothing allows it. The policy of a resource \
             that names the user, such as a bucket policy, lets it in all the same.",
            "add a Deny for whatever isn't self-service, with BoolIfExists of aws:MultiFactorAuthPresent false",
        ),
        FindingCode::CanEnrol => (
            "A user who signs in with a password for the first time can't get to MFA: it can't change the password, or \
             create, enable or resync a device. It is locked out until an administrator helps.",
            "allow enrolment on the user's own ARN and on mfa/*, and exempt it from what denies without MFA",
        ),
        FindingCode::KeepsControl => (
            "A principal that the spec relies on in an emergency can't do what it must be able to do.",
            "give it what it needs, and keep what denies away from it",
        ),
        FindingCode::FullAccessWithMfa => (
            "A Deny that is there to enforce MFA also applies to sessions that have it: people who do as they are told \
             can't work.",
            "make the Deny depend on aws:MultiFactorAuthPresent being false or absent, and on nothing else",
        ),
        FindingCode::CallerKeepsPermissions => (
            "This plan takes something from whoever runs mfactl that the rest of the plan, or the next one, needs: it would \
             stop halfway, or nobody could put it right. `mfactl permissions apply -f SPEC` prints what is needed. A user \
             who signs with an access key has no MFA, so asking for MFA takes its rights.",
            "sign in with MFA if that is what is asked for, let somebody else apply this change, or leave the caller what it needs",
        ),
        FindingCode::EveryStep => (
            "A plan is carried out step by step, and can be interrupted after any of them. In one of the states on the \
             way somebody could do what they can do neither before nor after it, or couldn't enrol or keep control, \
             though they can before and after.",
            "make the changes that are named in two applies: first what restricts, or what keeps the right, then the other",
        ),
        FindingCode::BoolLetsKeysThrough => (
            "Requests signed with a long-term access key don't have aws:MultiFactorAuthPresent at all. `Bool` doesn't \
             match an absent key, so the Deny passes such requests by.",
            "write BoolIfExists",
        ),
        FindingCode::ExemptsIam => (
            "What a Deny exempts stays open without MFA. With all of IAM exempt, a session without MFA can give itself \
             whatever it likes, or remove the Deny.",
            "exempt the few actions that enrolment needs, each by its name",
        ),
        FindingCode::DenyNeverApplies => (
            "aws:MultiFactorAuthAge is there only with MFA. A Deny that asks for it and for the lack of MFA asks for \
             both at once, and never applies.",
            "use two statements, or NumericGreaterThanIfExists for the age",
        ),
        FindingCode::AllowsKeysWithoutMfa => (
            "An operator that ends in IfExists holds when the key is absent, and requests signed with a long-term access \
             key don't have aws:MultiFactorAuthPresent. So the Allow is for them as well.",
            "write Bool in an Allow, and BoolIfExists in a Deny",
        ),
        FindingCode::EnrolmentNeedsMfa => (
            "Creating and enabling a device needs MFA, which a user without a device can't have: a deadlock.",
            "exempt iam:CreateVirtualMFADevice, iam:EnableMFADevice, iam:ListMFADevices and iam:ResyncMFADevice",
        ),
        FindingCode::DeviceCreatedOnUser => (
            "iam:CreateVirtualMFADevice is authorized on the device that is to be, `arn:aws:iam::ACCOUNT:mfa/NAME`. A \
             grant on a user's ARN grants nothing.",
            "allow it on arn:aws:iam::*:mfa/*",
        ),
        FindingCode::DeviceNameFixed => (
            "The console asks people for a name of their device, and a user can have eight. With a fixed name, any other \
             is refused, and so is the second device.",
            "allow it on arn:aws:iam::*:mfa/*",
        ),
        FindingCode::PathForgotten => (
            "The path is part of a user's ARN: arn:aws:iam::ACCOUNT:user/eng/alice isn't matched by \
             user/${aws:username}. A user with a path is locked out, or not covered.",
            "list arn:aws:iam::*:user/*/${aws:username} as well",
        ),
        FindingCode::DeviceRemovalWithoutMfa => (
            "Whoever has only the password can take the user's device away and enrol one of their own: the second factor \
             protects nothing.",
            "don't exempt iam:DeactivateMFADevice and iam:DeleteVirtualMFADevice, and allow them with MFA only",
        ),
        FindingCode::CredentialsWithoutMfa => (
            "Whoever has only the password can make an access key or another password, which stay when the first is \
             changed.",
            "don't exempt iam:CreateAccessKey, iam:CreateLoginProfile and iam:UpdateLoginProfile",
        ),
        FindingCode::DenyListsServices => (
            "A Deny that lists services leaves all others open without MFA, those to come among them.",
            "deny with NotAction and list what is exempt",
        ),
        FindingCode::MatchesNothing => (
            "The pattern has nothing behind the colon, so that it matches no action: what it was meant to cover isn't.",
            "write the action's name, or `*`",
        ),
        FindingCode::ExemptForOthers => (
            "An exemption holds for every resource that the Deny is about. Where another policy allows the action \
             broadly, as AdministratorAccess does, a session without MFA can enable a device on somebody else's user, or \
             change somebody else's password.",
            "deny the exempt actions on all but the user's own ARN, with NotResource",
        ),
        FindingCode::ExemptNotAllowed => (
            "An exemption from a Deny allows nothing by itself. Unless another policy allows these actions, they are \
             refused without MFA all the same.",
            "allow them on the user's own ARN, or take them out of the exemption",
        ),
        FindingCode::SessionTokenDenied => (
            "Whoever works with an access key gets a session with MFA by sts:GetSessionToken, which is called without one. \
             AWS says that it needs no permission, but its own example exempts it.",
            "exempt sts:GetSessionToken",
        ),
        FindingCode::NamePromisesMfa => (
            "The policy's name says that it asks for MFA, and people will rely on it; nothing in it does.",
            "add the condition, or rename the policy",
        ),
        FindingCode::EveryoneIsAdministrator => (
            "The policy that is to enforce MFA also grants everything to those who have it. Each member can detach it, \
             or change it, from itself and from others.",
            "grant what each group needs in a policy of its own",
        ),
        FindingCode::AccountWideOnArn => (
            "Some actions are about the account, not about a user or device in it: iam:ListUsers, iam:GetAccountSummary. \
             Requests for them name no such resource, so that a statement which lists ARNs only has no effect on them.",
            "list the action in a statement with Resource `*`",
        ),
        FindingCode::GuardRemovable => (
            "A Deny that keeps people from taking a guard away covers one way to do that, and there are others: detaching a \
             policy, leaving its group, or giving it another default version all come to the same.",
            "deny the other ways in the same statement",
        ),
        FindingCode::SelfServiceOnOthers => (
            "Enabling and removing devices and changing a password are meant for the user itself. Allowed on every user or \
             device, one person can do it to another: enable a device of their own for them, or delete the one that they \
             are about to enable.",
            "allow it on the user's own ARN only; a device can be deleted by whoever deactivates it",
        ),
        FindingCode::EnrolmentIncomplete => (
            "Enrolling takes more than enabling a device. A first sign-in with a password that must be changed needs \
             iam:ChangePassword, and the console looks at a device by iam:GetMFADevice.",
            "exempt that as well, and allow it on the user's own ARN",
        ),
        FindingCode::MfaToldByAge => (
            "aws:MultiFactorAuthAge says how long ago MFA was used, and is absent without it. So `Null` of it does tell \
             the two apart, but readers and tools look for aws:MultiFactorAuthPresent.",
            "write BoolIfExists of aws:MultiFactorAuthPresent false",
        ),
        FindingCode::Check => (
            "The spec asserts under `checks` what somebody can or can't do, and the policies say otherwise.",
            "change the policies, or what the spec asserts",
        ),
        FindingCode::Undeclared => (
            "The account has a user, group or policy that the spec doesn't declare. It is left alone: what nobody declared \
             may have been there before, or may be somebody's way in.",
            "declare it, put it under `ignore`, or let `prune` remove what isn't declared",
        ),
        FindingCode::Unchangeable => (
            "IAM can't change the path or the description of a policy that exists. The rest of what is declared is \
             brought about; this stays.",
            "declare what is there, or move its users to a policy of another name",
        ),
        FindingCode::RetentionOverridden => (
            "A retention policy of the account, from CloudWatch Logs, decides how long the log group keeps its events. It \
             goes before what is set on the group, so that the declared number of days has no effect.",
            "leave `retention_days` out, or exclude the log group from that policy",
        ),
        FindingCode::UndeclaredBoundary => (
            "A permissions boundary limits a user to what the boundary allows as well. The spec says nothing about it, so \
             it is left: taking it away could let the user do more.",
            "declare it, or remove it with `boundary: false`",
        ),
        FindingCode::NamedElsewhere => (
            "A user's ARN has its path and its name. Documents that name the old ARN don't follow when either changes: \
             what they allowed or denied the user, they no longer do.",
            "change those documents in the same apply",
        ),
        FindingCode::Expired => (
            "The spec gives the user or the membership a last day, and it has passed. So it is removed as if it were no \
             longer declared: a user with all that it has, in the order that is safe.",
            "nothing if it is meant; else move `expires`, and take it out of the spec once it is gone",
        ),
        FindingCode::ExpiresSoon => (
            "The spec gives the user or the membership a last day, and that is 14 days away or less. The first plan after \
             that day (UTC) removes it.",
            "move `expires` if access is to go on",
        ),
        FindingCode::MfaPending => (
            "The spec says that the user must have MFA, and the user has no device, or none of the sort that is required. \
             That is no mistake: a device of one's own takes its owner. Meanwhile the policies decide what can be done.",
            "let the user enrol a device, in the console or by `mfactl enroll`",
        ),
        FindingCode::MfaOverdue => (
            "The user must have MFA, and has had no device of the sort that is required for longer than `mfa_grace` allows. A \
             password that nobody has used to enrol may be one that nobody needs, or one that somebody else can use first.",
            "ask the user to enrol a device, or take the password away by `console: false`",
        ),
        FindingCode::Protected => (
            "The spec lists the object under `safety.protected`, and this plan would delete it or strip it of what it has.",
            "declare it as it is, add it to `ignore`, or take it out of `safety.protected`",
        ),
        FindingCode::Caller => (
            "Whoever runs the plan would lose a right, a credential or themselves to it. It would stop halfway, and \
             nobody might be left to mend it.",
            "let somebody else apply this change",
        ),
        FindingCode::TooManyPeople => (
            "A mistake in a spec, such as a file that is missing, looks like many people leaving at once. So a plan \
             deletes no more of them, and takes rights from no more, than `safety.max_people_removed` says.",
            "split the change, or raise `safety.max_people_removed` in the same pull request",
        ),
        FindingCode::Everybody => (
            "Every person of the account would be deleted or left without access, which is hardly ever meant: probably \
             the wrong spec is read, or half of it.",
            "keep somebody who can get in; to remove everything on purpose, use `mfactl destroy`",
        ),
        FindingCode::Quota => (
            "IAM allows so many users, groups, policies and memberships, and policies of so many characters. What goes \
             beyond would be refused when half of the plan is done. A quota that can be raised is a warning only, since \
             mfactl doesn't read what the account's own is.",
            "have less of it, or the quota raised; where it is exceeded on the way only, remove some in an apply before",
        ),
    };
    Explanation {
        meaning,
        remedy,
        example: example::of(code),
    }
}
