//! Console passwords, user by user: no bulk call tells them.

use aws_sdk_iam::operation::get_login_profile::GetLoginProfileError;
use model::{Address, Body, Kind, LoginProfile, UserName};

use crate::Clients;
use crate::part::{Limit, Part, day, failure};
use crate::scope::Scope;

pub(crate) async fn read(clients: &Clients, scope: &Scope, limit: &Limit) -> Part {
    limit
        .one_by_one(&scope.passwords, |user| read_one(clients, user))
        .await
}

async fn read_one(clients: &Clients, user: &UserName) -> Part {
    let answer = clients
        .iam
        .get_login_profile()
        .user_name(user.as_str())
        .send()
        .await;
    let mut created = Vec::new();
    let objects = match answer {
        Ok(answer) => {
            let address = Address::LoginProfile(user.clone());
            let day = answer.login_profile().and_then(|it| day(it.create_date()));
            created.extend(day.map(|day| (address.clone(), day)));
            let reset_required = answer
                .login_profile()
                .is_some_and(aws_sdk_iam::types::LoginProfile::password_reset_required);
            let body = Body::LoginProfile(LoginProfile {
                reset_required,
                deliver_to: None,
            });
            vec![(address, body)]
        }
        Err(error)
            if error
                .as_service_error()
                .is_some_and(GetLoginProfileError::is_no_such_entity_exception) =>
        {
            Vec::new()
        }
        Err(error) => {
            return Part::unread(
                &[Kind::LoginProfile],
                &failure("iam:GetLoginProfile", &error),
            );
        }
    };
    Part {
        objects,
        unread: Vec::new(),
        looked_up: vec![(Kind::LoginProfile, user.clone())],
        created,
    }
}
